"""A server that answers frames as a test says, for what a real one does only on a bad day."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

AT = "2026-11-22T12:00:00.000Z"

Frame = dict[str, Any]
Answer = Callable[["Script", Frame], None]


class Script:
    def __init__(self, **answers: Answer) -> None:
        self.sent: list[Frame] = []
        self.url = ""
        self.opened = 0
        self._answers: dict[str, Answer] = {"startSession": Script.greet, **answers}
        self._socket: ServerConnection | None = None

    @contextmanager
    def running(self) -> Iterator["Script"]:
        with serve(self._serve, "127.0.0.1", 0, compression=None) as server:
            self.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/ws"
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()

    def _serve(self, socket: ServerConnection) -> None:
        self._socket = socket
        self.opened += 1
        try:
            for text in socket:
                frame = json.loads(text)
                self.sent.append(frame)
                if answer := self._answers.get(frame["action"]):
                    answer(self, frame)
        except ConnectionClosed:
            return

    def say(self, kind: str, **fields: object) -> None:
        self.say_raw({"type": kind, "at": AT, **fields})

    def say_raw(self, frame: Frame) -> None:
        assert self._socket
        self._socket.send(json.dumps(frame))

    def hang_up(self) -> None:
        assert self._socket
        self._socket.close(1001)

    def actions(self, name: str) -> list[Frame]:
        return [frame for frame in self.sent if frame["action"] == name]

    def greet(self, frame: Frame) -> None:
        resumed = "resumeToken" in frame
        history = [] if resumed else [{**said("Olá, eu sou a Sophie", 1), "suggestions": ["Como funciona?"]}]
        self.say("session", sessionId="s1", resumeToken="t1", resumed=resumed, history=history, more=False)

    def accept(self, frame: Frame) -> None:
        self.say("accepted", clientMessageId=frame["clientMessageId"], messageId="q1", seq=2, duplicate=False)

    def begin(self, attempt: int = 1) -> None:
        self.say("replyStarted", messageId="a1", inReplyTo="q1", clientMessageId="?", attempt=attempt)

    def words(self, text: str, index: int = 0) -> None:
        self.say("replyDelta", messageId="a1", index=index, text=text)

    def reply(self, content: str, **fields: object) -> None:
        self.say("message", **{**said(content, 3), "messageId": "a1", "inReplyTo": "q1", **fields})


def said(content: str, seq: int) -> Frame:
    empty: Frame = {"actions": [], "sources": [], "suggestions": []}
    return {"at": AT, "messageId": f"m{seq}", "seq": seq, "sender": "assistant", "content": content, **empty}
