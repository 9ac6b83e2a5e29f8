"""The open WebSockets by id. All of it belongs to the event loop; `ask` is the way in from a function's thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from runtime.events import Caller
from runtime.wire import Delivery, Wire

T = TypeVar("T")


@dataclass(frozen=True)
class Ages:
    """How long a connection may be silent, and how long it may live, in seconds."""

    idle: float
    life: float
    ping_counts: bool


class Connection:
    """One open WebSocket, which closes itself when it has been silent or has lived for too long."""

    def __init__(self, caller: Caller, wire: Wire, ages: Ages) -> None:
        self.caller = caller
        self.last_active_at = caller.connected_at
        self._wire = wire
        self._ages = ages
        self._loop = asyncio.get_running_loop()
        self._opened = self._touched = self._loop.time()
        self._timer = self._loop.call_at(self._due(), self._check_age)
        if ages.ping_counts:
            wire.on_ping = self.touch

    def touch(self) -> None:
        self._touched = self._loop.time()
        self.last_active_at = time.time_ns() // 1_000_000

    def post(self, text: str) -> Delivery:
        delivery = self._wire.post(text)
        if delivery is Delivery.SENT:
            self.touch()
        return delivery

    def close(self, code: int, reason: str) -> None:
        self._wire.close(code, reason)

    def forget(self) -> None:
        self._timer.cancel()

    def _due(self) -> float:
        return min(self._touched + self._ages.idle, self._opened + self._ages.life)

    def _check_age(self) -> None:
        if self._loop.time() >= self._due():
            self.close(1001, "Going away")
        else:
            self._timer = self._loop.call_at(self._due(), self._check_age)


class Connections:
    def __init__(self) -> None:
        self._open: dict[str, Connection] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()

    def add(self, connection: Connection) -> None:
        self._open[connection.caller.connection_id] = connection

    def remove(self, connection: Connection) -> None:
        connection.forget()
        self._open.pop(connection.caller.connection_id, None)

    def find(self, connection_id: str) -> Connection | None:
        return self._open.get(connection_id)

    def post(self, connection_id: str, text: str) -> Delivery:
        connection = self._open.get(connection_id)
        return connection.post(text) if connection else Delivery.GONE

    def close(self, connection_id: str) -> bool:
        connection = self._open.get(connection_id)
        if connection:
            connection.close(1000, "Connection Closed Normally")
        return connection is not None

    def close_all(self, code: int, reason: str) -> None:
        for connection in list(self._open.values()):
            connection.close(code, reason)

    def ask(self, question: Callable[[], T], otherwise: T) -> T:
        """Put a question from another thread and wait for the answer; `otherwise` when the loop does not run."""
        answer: Future[T] = Future()
        try:
            if self._loop is None:
                return otherwise
            self._loop.call_soon_threadsafe(_answer, question, answer)
        except RuntimeError:  # the loop is closed
            return otherwise
        return answer.result()


def _answer(question: Callable[[], T], answer: Future[T]) -> None:
    try:
        answer.set_result(question())
    except Exception as error:
        answer.set_exception(error)
