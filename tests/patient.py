"""A browser that keeps the protocol's rules for clients, however badly it is treated.

It asks again with the same `clientMessageId` until a message is accepted or refused, resumes when nothing comes, and
shows what it was given by `seq`.
"""

import time
import uuid
from contextlib import suppress

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.browser import Browser, Frame

SILENCE = 0.5  # seconds without a frame after which it asks again, and twice as many each time nothing comes
LONGEST_SILENCE = 8.0
PATIENCE = 60.0  # seconds for any one thing


class Patient:
    """One tab. `shown` has the stored messages it knows, by `seq`; `resume_token` is the conversation's."""

    def __init__(self, ws_url: str, resume_token: str = "") -> None:
        self._ws_url = ws_url
        self._browser: Browser | None = None
        self._end = 0.0
        self._silence = SILENCE
        self.resume_token = resume_token
        self.shown: dict[int, Frame] = {}

    def close(self) -> None:
        if self._browser:
            self._browser.close()
            self._browser = None

    def ask(self, content: str, clicks: int = 1) -> Frame:
        """The whole reply to a question that is sent so many times at once."""
        message_id = str(uuid.uuid4())
        self._end = time.monotonic() + PATIENCE
        while not (question := self._question(message_id)):
            self._say(message_id, content, clicks)
            clicks = 1
        while not (answer := self.answer_to(question)):
            self._take() or self._resume()
        return answer

    def catch_up(self) -> None:
        """Know all that is stored."""
        self._end = time.monotonic() + PATIENCE
        self._resume()

    def cancel(self, question: Frame) -> None:
        """Ask once for the reply to end; whether that is heard is left to chance."""
        with suppress(ConnectionClosed, OSError):
            if self._browser:
                self._browser.send("cancelReply", messageId=question["messageId"])

    def answer_to(self, question: Frame) -> Frame | None:
        return next((one for one in self.shown.values() if one.get("inReplyTo") == question["messageId"]), None)

    def _question(self, message_id: str) -> Frame | None:
        return next((one for one in self.shown.values() if one.get("clientMessageId") == message_id), None)

    def _say(self, message_id: str, content: str, clicks: int) -> None:
        self._connected()
        try:
            for _ in range(clicks):
                assert self._browser
                self._browser.send("sendMessage", clientMessageId=message_id, content=content)
        except (ConnectionClosed, OSError):
            self.close()
        while not self._question(message_id) and (frame := self._take()):
            if frame.get("type") == "accepted" and frame["clientMessageId"] == message_id:
                self.shown[frame["seq"]] = {**frame, "sender": "user", "content": content}
            elif "type" not in frame or frame["type"] == "error":
                self._after(frame)
                return
            if time.monotonic() > self._end:
                return

    def _after(self, problem: Frame) -> None:
        """Do what an error asks for before the next try."""
        if problem.get("code") == "no_session":
            self._resume()
        elif problem.get("code") not in (None, "rate_limited", "capacity", "unavailable", "internal", "conflict"):
            raise AssertionError(f"refused: {problem}")
        time.sleep(min(problem.get("retryAfter", self._silence / 2), LONGEST_SILENCE))
        self._silence = min(2 * self._silence, LONGEST_SILENCE)

    def _connected(self) -> None:
        if self._browser is None:
            self._resume()

    def _resume(self) -> None:
        """Open the socket if it is closed, and the conversation, with what was missed."""
        while True:
            assert time.monotonic() < self._end, f"no answer in {PATIENCE:.0f} s; seen last: {self._last()}"
            if self._browser is None:
                try:
                    self._browser = Browser(self._ws_url)
                except (InvalidHandshake, OSError):
                    time.sleep(0.05)
                    continue
            if self._start():
                return

    def _last(self) -> list[Frame]:
        return self._browser.frames[-3:] if self._browser else []

    def _start(self) -> bool:
        known: Frame = {"resumeToken": self.resume_token} if self.resume_token else {}
        if self._complete_to():  # without it the conversation comes whole
            known["lastSeq"] = self._complete_to()
        try:
            assert self._browser
            self._browser.send("startSession", **known)
        except (ConnectionClosed, OSError):
            self.close()
            return False
        while frame := self._take():
            if frame.get("type") == "session":
                self.resume_token = frame["resumeToken"]
                self._keep(frame["history"])
                return True
            if "type" not in frame or frame["type"] == "error":
                self._after({**frame, "code": frame.get("code") if frame.get("code") != "no_session" else None})
                return False
        return False

    def _complete_to(self) -> int:
        """The last `seq` before the first gap."""
        last = 0
        while last + 1 in self.shown:
            last += 1
        return last

    def _take(self) -> Frame | None:
        """The next frame, kept if it is a stored message; None when none comes or the socket has closed."""
        if self._browser is None:
            return None
        try:
            frame = self._browser.receive(self._silence)
        except TimeoutError:
            self._silence = min(2 * self._silence, LONGEST_SILENCE)
            return None
        except (ConnectionClosed, OSError):
            self.close()
            return None
        if frame.get("type") not in (None, "error"):
            self._silence = SILENCE
        if frame.get("type") == "message":
            self._keep([frame])
        return frame

    def _keep(self, messages: list[Frame]) -> None:
        for message in messages:
            known = self.shown.get(message["seq"], message)
            assert known["messageId"] == message["messageId"], f"two messages with seq {message['seq']}"
            assert known["content"] == message["content"], f"seq {message['seq']} has changed"
            self.shown[message["seq"]] = message
