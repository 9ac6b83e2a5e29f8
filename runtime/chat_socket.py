"""The terminal client's end of the socket: opens it, starts or resumes the session, comes back after a loss."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from runtime.chat_view import Frame, Say

SESSION_SECONDS = 8.0
LONGEST_PAUSE = 30.0
TRANSIENT = frozenset({"rate_limited", "capacity", "unavailable", "internal"})


class Unreachable(Exception):
    """Carries the one sentence to show."""


class Lost(Exception):
    """The socket closed."""


class Connection:
    def __init__(self, url: str, locale: str, say: Say, note: Callable[[str], None], patience: float) -> None:
        """`patience`: for how many seconds a lost or a full server is tried again."""
        self._url, self._locale, self._say, self._note, self._patience = url, locale, say, note, patience
        self._inbox: SimpleQueue[Frame] = SimpleQueue()
        self._socket: ClientConnection | None = None
        self._kept: deque[Frame] = deque()
        self._token, self._session, self._last_seq = "", "", 0
        self._ahead: set[int] = set()
        self.arrived: Callable[[], None] = lambda: None  # called from the reading thread

    def start(self) -> None:
        """Opens a socket; the `session` frame is the first that `next` gives."""
        self.close()
        try:
            self._socket = connect(
                self._url, origin=origin(self._url), compression=None, proxy=None, open_timeout=10, close_timeout=1
            )
        except InvalidHandshake as error:
            raise Unreachable(self._say("refused", url=self._url, reason=error, origin=origin(self._url))) from error
        except (OSError, EOFError) as error:
            raise Unreachable(self._say("nobody", url=self._url)) from error
        self._inbox = SimpleQueue()
        threading.Thread(target=self._read, args=(self._socket, self._inbox), daemon=True).start()
        self.start_session()

    def close(self) -> None:
        if self._socket:
            self._socket.close()

    def send(self, action: str, **fields: object) -> None:
        try:
            if self._socket:
                self._socket.send(json.dumps({"action": action, **fields}))
        except ConnectionClosed as error:
            raise Lost from error

    def next(self, seconds: float) -> Frame | None:
        if self._kept:
            return self._kept.popleft()
        try:
            frame = self._inbox.get(timeout=max(0.0, seconds))
        except Empty:
            return None
        if frame.get("type") == "lost":
            raise Lost
        self._number(frame.get("seq", 0))
        return frame

    def put(self, frame: Frame) -> None:
        """May be called from a signal handler, as SimpleQueue.put may."""
        self._inbox.put(frame)

    def come_back(self) -> None:
        """Starts again after a loss, with longer pauses each time."""
        until, tries = time.monotonic() + self._patience, 0
        while True:
            tries += 1
            wait = _pause(tries)
            self._note(self._say("reconnecting", seconds=round(wait) or 1))
            time.sleep(wait)
            try:
                return self.start()
            except (Unreachable, Lost):
                if time.monotonic() > until:
                    raise

    def start_session(self) -> None:
        until, tries = time.monotonic() + self._patience, 0
        early = [*self._kept]
        self._kept.clear()
        self._greet()
        while (frame := self.next(SESSION_SECONDS) or {}).get("type") != "session":
            if frame.get("type", "error") != "error":
                early.append(frame)
                continue
            tries += 1
            self._refused(frame, tries, until)
            self._greet()
        self._remember(frame)
        self._kept.extend([frame, *early])

    def forget(self) -> None:
        """The next session is a new one."""
        self._token, self._last_seq = "", 0
        self._ahead.clear()

    def _read(self, socket: ClientConnection, inbox: SimpleQueue[Frame]) -> None:
        try:
            for raw in socket:
                inbox.put(json.loads(raw))
                self.arrived()
        except (ConnectionClosed, ValueError):
            socket.close()
        inbox.put({"type": "lost"})

    def _greet(self) -> None:
        resume = {"resumeToken": self._token} if self._token else {}
        missed = {"lastSeq": self._last_seq} if self._last_seq else {}
        self.send("startSession", locale=self._locale, **resume, **missed)

    def _refused(self, frame: Frame, tries: int, until: float) -> None:
        wait = float(frame.get("retryAfter") or _pause(tries))
        transient = frame.get("code", "unavailable") in TRANSIENT
        if not transient and self._token:
            self._note(self._say("expired"))
            return self.forget()
        if not transient or time.monotonic() + wait > until:
            raise Unreachable(str(frame.get("message") or self._say("nobody", url=self._url)))
        self._note(self._say("capacity", seconds=round(wait) or 1))
        return time.sleep(wait)

    def _remember(self, frame: Frame) -> None:
        if frame["sessionId"] != self._session:
            self._last_seq = 0
            self._ahead.clear()
        self._token, self._session = frame["resumeToken"], frame["sessionId"]
        self._last_seq = max([self._last_seq, *(message.get("seq", 0) for message in frame.get("history") or [])])

    def _number(self, seq: int) -> None:
        """`lastSeq` stays below the first number missing, so that coming back fetches it."""
        if seq > self._last_seq:
            self._ahead.add(seq)
        while self._last_seq + 1 in self._ahead:
            self._last_seq += 1
            self._ahead.discard(self._last_seq)


def origin(url: str) -> Origin:
    parts = urlsplit(url)
    return Origin(f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}")


def _pause(tries: int) -> float:
    return min(LONGEST_PAUSE, 0.5 * 2.0**tries) * random.uniform(0.7, 1.0)
