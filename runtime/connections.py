"""The open WebSockets of this process by id. All of it belongs to the event loop."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from dataclasses import dataclass

from runtime.events import Caller
from runtime.faults import Faults, Line
from runtime.wire import Delivery, Wire

NAME_BYTES = 4


@dataclass(frozen=True)
class Ages:
    """How long a connection may be silent, and how long it may live, in seconds; `life_code` closes one too old."""

    idle: float
    life: float
    ping_counts: bool
    life_code: int


@dataclass(frozen=True)
class Description:
    """What may be known of a connection by its id. Times are in milliseconds."""

    connected_at: int
    last_active_at: int
    source_ip: str
    user_agent: str | None


class Connection:
    """One open WebSocket, which closes itself when it has been silent or has lived for too long."""

    def __init__(self, caller: Caller, wire: Wire, ages: Ages, faults: Faults) -> None:
        self.caller = caller
        self.last_active_at = caller.connected_at
        self._wire = wire
        self._line = Line(faults, wire.post)
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
        delivery = self._line.post(text)
        if delivery is Delivery.SENT:
            self.touch()
        return delivery

    def close(self, code: int, reason: str) -> None:
        self._wire.close(code, reason)

    def describe(self) -> Description:
        caller = self.caller
        return Description(caller.connected_at, self.last_active_at, caller.source_ip, caller.user_agent)

    def forget(self) -> None:
        self._timer.cancel()

    def _due(self) -> float:
        return min(self._touched + self._ages.idle, self._opened + self._ages.life)

    def _check_age(self) -> None:
        now = self._loop.time()
        if now >= self._opened + self._ages.life:
            self.close(self._ages.life_code, "Going away")
        elif now >= self._due():
            self.close(1001, "Going away")
        else:
            self._timer = self._loop.call_at(self._due(), self._check_age)


class Connections:
    """`name` is this process among others: drawn anew at each start, and at the end of its connections' ids."""

    def __init__(self, ages: Ages, faults: Faults) -> None:
        self.name = secrets.token_bytes(NAME_BYTES)
        self._ages = ages
        self._faults = faults
        self._open: dict[str, Connection] = {}

    def new_id(self) -> str:
        """11 bytes, so that it has the length and the trailing "=" of API Gateway's; 7 of them are chance."""
        return base64.urlsafe_b64encode(secrets.token_bytes(11 - NAME_BYTES) + self.name).decode()

    def open(self, caller: Caller, wire: Wire) -> Connection:
        """From now on it can be reached by its id."""
        connection = self._open[caller.connection_id] = Connection(caller, wire, self._ages, self._faults)
        return connection

    def remove(self, connection: Connection) -> None:
        connection.forget()
        self._open.pop(connection.caller.connection_id, None)

    def describe(self, connection_id: str) -> Description | None:
        connection = self._open.get(connection_id)
        return connection.describe() if connection else None

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


def owner_of(connection_id: str) -> bytes:
    """The name of the process that gave out an id; what is no id names nobody."""
    try:
        return base64.urlsafe_b64decode(connection_id)[-NAME_BYTES:]
    except ValueError:
        return b""
