"""A script with a port of its own, for what a real server does only on a bad day."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.script import Answer, BaseScript, Frame, message


class Script(BaseScript):
    first = 2  # after the greeting

    def __init__(self, **answers: Answer) -> None:
        super().__init__(**answers)
        self.url = ""
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
                self.take(text)
        except ConnectionClosed:
            return

    def send(self, text: str) -> None:
        assert self._socket
        self._socket.send(text)

    def hang_up(self) -> None:
        assert self._socket
        self._socket.close(1001)

    def greet(self, frame: Frame) -> None:
        resumed = "resumeToken" in frame
        history = [] if resumed else [message("Olá, eu sou a Sophie", 1, suggestions=["Como funciona?"])]
        self.say("session", sessionId="s1", resumeToken="t1", resumed=resumed, history=history, more=False)
