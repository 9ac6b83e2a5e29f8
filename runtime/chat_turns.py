"""A conversation in the terminal: one question at a time, sent until it is accepted, shown as it is answered."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from runtime.chat_socket import TRANSIENT, Connection, Lost
from runtime.chat_view import Frame, Say, View

ACK_SECONDS = 8.0
SILENCE_SECONDS = 35.0  # a reply ends within 30 s; after that it was lost on its way
TRIES = 6


@dataclass
class Turn:
    content: str
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    question: str = ""  # its message id, once the server has it
    due: float = 0.0  # when to send it (again), until then
    tries: int = 0
    heard: float = field(default_factory=time.monotonic)
    attempt: int = 1
    parts: dict[int, str] = field(default_factory=dict)
    joined_late: bool = False
    held: list[Frame] = field(default_factory=list)  # answers that overtook `accepted`
    over: bool = False
    answered: bool = False

    def text(self) -> str:
        """The deltas up to the first one that is missing; who joins late gets one for all that went before."""
        index = min(self.parts, default=0) if self.joined_late else 0
        whole = ""
        while index in self.parts:
            whole += self.parts[index]
            index += 1
        return whole


class Conversation:
    def __init__(self, connection: Connection, view: View, say: Say) -> None:
        self._connection, self._view, self._say = connection, view, say
        self._turn: Turn | None = None
        self._seen: set[str] = set()
        self._in_use = threading.RLock()
        self.suggestions: list[str] = []
        self.last_answer = self.failure = ""
        self.around_aside: Callable[[], AbstractContextManager[None]] = nullcontext
        connection.arrived = self._show_aside
        self._takes: dict[str, Callable[[Frame], None]] = {
            "session": self._session,
            "accepted": self._accepted,
            "replyStarted": self._reply_started,
            "replyDelta": self._delta,
            "message": self._message,
            "notification": self._notification,
            "sessionEnded": lambda _: self._view.note(self._say("ended")),
            "error": self._error,
            "interrupt": self._interrupted,
        }

    @property
    def writing(self) -> bool:
        return self._turn is not None

    def start(self) -> None:
        with self._in_use:
            self._connection.start()
            self._catch_up()

    def ask(self, content: str) -> bool:
        """Sends a question and shows what answers it. When nothing did, `failure` says why."""
        with self._in_use:
            self._catch_up()
            self.failure, turn = self._say("unanswered"), Turn(content)
            self._turn = turn
            try:
                while not turn.over:
                    self._step(turn)
            finally:
                self._turn = None
            return turn.answered

    def call(self, action: str, done: str, **fields: object) -> bool:
        """Sends an action and waits for the frame that answers it."""
        with self._in_use:
            self._catch_up()
            self._connection.send(action, **fields)
            while frame := self._connection.next(ACK_SECONDS):
                self._take(frame)
                if frame.get("type") in (done, "error"):
                    return bool(frame["type"] == done)
            return False

    def anew(self) -> None:
        with self._in_use:
            try:
                self.call("endSession", "sessionEnded")
            except Lost:
                self._connection.close()
            self._connection.forget()
            self.start()

    def interrupt(self) -> None:
        """Called from a signal handler."""
        self._connection.put({"type": "interrupt"})

    def _step(self, turn: Turn) -> None:
        try:
            if not turn.question and time.monotonic() >= turn.due:
                self._post(turn)
            until = turn.heard + SILENCE_SECONDS if turn.question else turn.due
            frame = self._connection.next(until - time.monotonic())
            if frame:
                turn.heard = time.monotonic()
                self._take(frame)
            elif turn.question:
                turn.tries += TRIES // 2
                turn.over = turn.tries > TRIES
                raise Lost
        except Lost:
            self._come_back()

    def _post(self, turn: Turn) -> None:
        turn.tries += 1
        turn.over = turn.tries > TRIES
        turn.due = time.monotonic() + ACK_SECONDS
        self._connection.send("sendMessage", clientMessageId=turn.client_id, content=turn.content)

    def _come_back(self) -> None:
        turn, self._turn = self._turn, None  # meanwhile Ctrl-C leaves
        if turn and turn.over:
            return
        self._connection.come_back()
        self._turn = turn

    def _catch_up(self) -> None:
        try:
            while frame := self._connection.next(0):
                self._take(frame)
        except Lost:
            self._come_back()
            self._catch_up()

    def _show_aside(self) -> None:
        """What arrives while nobody waits for anything, such as an operator's words."""
        if not self._in_use.acquire(blocking=False):
            return
        try:
            while frame := self._connection.next(0):
                with self.around_aside() if frame.get("type") in ("message", "notification") else nullcontext():
                    self._take(frame)
        except Lost:
            self._connection.put({"type": "lost"})  # whoever asks next comes back
        finally:
            self._in_use.release()

    def _take(self, frame: Frame) -> None:
        take = self._takes.get(frame.get("type", "error"))  # what the gateway itself says has no type
        if take:
            take(frame)

    def _session(self, frame: Frame) -> None:
        for message in frame.get("history") or []:
            self._message({"type": "message", **message})
        if self._turn:
            self._turn.joined_late, self._turn.due, self._turn.heard = True, 0.0, time.monotonic()
            self._turn.parts.clear()

    def _accepted(self, frame: Frame) -> None:
        turn = self._turn
        if not turn or frame.get("clientMessageId") != turn.client_id:
            return
        turn.question = frame.get("messageId", "")
        for held in turn.held:
            self._message(held)

    def _reply_started(self, frame: Frame) -> None:
        self._accepted({**frame, "messageId": frame.get("inReplyTo")})
        turn, attempt = self._turn, frame.get("attempt", 1)
        if turn and attempt > turn.attempt:
            turn.attempt, turn.joined_late = attempt, turn.joined_late and not turn.parts
            turn.parts.clear()

    def _delta(self, frame: Frame) -> None:
        if self._turn and frame["messageId"] not in self._seen:
            self._turn.parts[frame["index"]] = frame["text"]
            self._view.words(self._turn.text())

    def _message(self, frame: Frame) -> None:
        turn, sender = self._turn, frame["sender"]
        if frame["messageId"] in self._seen or sender == "user":
            return
        if turn and not turn.question and frame.get("inReplyTo"):
            turn.held.append(frame)
            return
        self._seen.add(frame["messageId"])
        self.suggestions, self.last_answer = frame.get("suggestions") or [], frame["messageId"]
        ours = turn and turn.question and (frame.get("inReplyTo") == turn.question or sender == "operator")
        (self._view.answer if ours else self._view.aside)(frame)
        if turn and (ours or sender == "system"):
            turn.over, turn.answered = True, turn.answered or bool(ours)

    def _notification(self, frame: Frame) -> None:
        if frame["notificationId"] not in self._seen:
            self._seen.add(frame["notificationId"])
            self._view.note(" ".join(str(frame[key]) for key in ("title", "body", "url") if frame.get(key)))

    def _error(self, frame: Frame) -> None:
        turn, code = self._turn, frame.get("code", "unavailable")
        if not turn or turn.question or frame.get("clientMessageId", turn.client_id) != turn.client_id:
            self._view.note(str(frame.get("message", "")))
        elif code in ("session_expired", "no_session"):
            self._expired(turn, code)
        elif code in TRANSIENT:
            self._wait(turn, code, float(frame.get("retryAfter") or 1))
        else:
            self.failure, turn.over = str(frame.get("message", "")), True

    def _expired(self, turn: Turn, code: str) -> None:
        if code == "session_expired":
            self._view.note(self._say("expired"))
            self._connection.forget()
        turn.due = 0.0
        self._connection.start_session()

    def _wait(self, turn: Turn, code: str, seconds: float) -> None:
        turn.due = time.monotonic() + seconds
        if code == "rate_limited":
            turn.tries -= 1
            self._view.note(self._say("wait", seconds=round(seconds) or 1))

    def _interrupted(self, _: Frame) -> None:
        turn = self._turn
        if turn and turn.question:
            self._connection.send("cancelReply", messageId=turn.question)
        elif turn:
            turn.over = True
