"""A person's browser on the socket: sends actions, keeps every frame, waits for what it expects."""

import json
import socket
import struct
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

CEILING = 20.0  # seconds; every wait ends here

Frame = dict[str, Any]


class Browser:
    """One tab. `frames` holds everything received, in order."""

    def __init__(self, ws_url: str, **options: Any) -> None:
        self._stack = ExitStack()
        self._socket = self._stack.enter_context(connect(ws_url, compression=None, max_size=None, **options))
        self.frames: list[Frame] = []
        self.session: Frame = {}

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._stack.close()

    @property
    def resume_token(self) -> str:
        return str(self.session["resumeToken"])

    def send(self, action: str, **fields: Any) -> None:
        self._socket.send(json.dumps({"action": action, **fields}))

    def send_raw(self, data: str | bytes) -> None:
        self._socket.send(data)

    def break_off(self) -> None:
        """As a phone that loses its network: the connection is reset, no close frame."""
        linger = struct.pack("ii", 1, 0)
        self._socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._socket.socket.close()

    def send_text_bytes(self, data: bytes) -> None:
        """A text frame of any bytes, UTF-8 or not."""
        self._socket.send(data, text=True)

    def receive(self, ceiling: float = CEILING) -> Frame:
        """The next frame; TimeoutError when none comes in time."""
        frame: Frame = json.loads(self._socket.recv(timeout=ceiling))
        self.frames.append(frame)
        return frame

    def until(self, wanted: Callable[[Frame], bool], ceiling: float = CEILING) -> Frame:
        end = time.monotonic() + ceiling
        while True:
            frame = self.receive(max(0.01, end - time.monotonic()))
            if wanted(frame):
                return frame

    def until_type(self, *types: str, ceiling: float = CEILING) -> Frame:
        return self.until(lambda frame: frame.get("type") in types, ceiling)

    def start(self, **fields: Any) -> Frame:
        """Open or resume a conversation: the `session` frame, or the `error`."""
        self.send("startSession", **fields)
        answer = self.until_type("session", "error")
        if answer["type"] == "session":
            self.session = answer
        return answer

    def say(self, content: str, client_message_id: str = "", **fields: Any) -> str:
        client_message_id = client_message_id or str(uuid.uuid4())
        self.send("sendMessage", clientMessageId=client_message_id, content=content, **fields)
        return client_message_id

    def ask(self, content: str, **fields: Any) -> Frame:
        """Send a message and wait for its accepted frame and its whole reply."""
        return self.reply_to(self.say(content, **fields))

    def reply_to(self, client_message_id: str, ceiling: float = CEILING) -> Frame:
        """The final `message` that answers a message of ours; AssertionError when it was refused."""
        accepted = self.outcome_of(client_message_id, ceiling)
        assert accepted["type"] == "accepted", accepted
        return self.answer_of(accepted["messageId"], ceiling)

    def answer_of(self, question_id: str, ceiling: float = CEILING) -> Frame:
        def is_answer(frame: Frame) -> bool:
            return frame.get("type") == "message" and frame.get("inReplyTo") == question_id

        return next(filter(is_answer, self.frames), None) or self.until(is_answer, ceiling)

    def outcome_of(self, client_message_id: str, ceiling: float = CEILING) -> Frame:
        """`accepted` or `error` for a message of ours."""

        def is_outcome(frame: Frame) -> bool:
            return frame.get("type") in ("accepted", "error") and frame.get("clientMessageId") == client_message_id

        return next(filter(is_outcome, self.frames), None) or self.until(is_outcome, ceiling)

    def until_question(self, client_message_id: str) -> Frame:
        """Our own message as it is stored, or its `accepted`."""

        def is_ours(frame: Frame) -> bool:
            return frame.get("type") in ("message", "accepted") and frame.get("clientMessageId") == client_message_id

        return next(filter(is_ours, self.frames), None) or self.until(is_ours)

    def listen(self, seconds: float) -> None:
        """Take in whatever comes for a while."""
        end = time.monotonic() + seconds
        with suppress(TimeoutError, ConnectionClosed):
            while (left := end - time.monotonic()) > 0:
                self.receive(left)

    def deltas_of(self, message_id: str) -> list[Frame]:
        """The deltas of a reply's last attempt, in order of arrival."""
        return last_attempt(self.frames, message_id)

    def closed_with(self, ceiling: float = CEILING) -> int:
        """The close code, once the server has closed this socket."""
        try:
            while True:
                self.receive(ceiling)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


def last_attempt(frames: list[Frame], message_id: str) -> list[Frame]:
    of_reply = [frame for frame in frames if frame.get("messageId") == message_id]
    starts = [place for place, frame in enumerate(of_reply) if frame["type"] == "replyStarted"]
    return [frame for frame in of_reply[starts[-1] if starts else 0 :] if frame["type"] == "replyDelta"]


def joined(deltas: list[Frame]) -> str:
    return "".join(delta["text"] for delta in deltas)
