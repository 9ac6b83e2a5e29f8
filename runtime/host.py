"""What an app is given: its host, by the `attach` hook or through Chalice's own `app.websocket_api`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from runtime.connections import Connection, Connections
from runtime.events import REGION
from runtime.wire import MESSAGE_LIMIT, Delivery


class Sender(Protocol):
    """A FIFO queue's sending end. The message is on file when `send` returns."""

    def send(self, queue: str, body: str, group: str, dedup: str) -> None: ...


class Outbox:
    """The way from a function's thread to a browser."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def post(self, connection_id: str, data: str) -> bool:
        """Hand a message to the socket's send buffer; False when the browser is gone, or so slow that it is let go."""
        delivery = self._connections.ask(partial(self._connections.post, connection_id, data), Delivery.GONE)
        if delivery is Delivery.TOO_LARGE:
            raise ValueError(f"a message to a browser holds at most {MESSAGE_LIMIT} bytes")
        return delivery is Delivery.SENT

    def close(self, connection_id: str) -> bool:
        """Close with 1000; False when the connection is gone already."""
        return self._connections.ask(partial(self._connections.close, connection_id), False)


@dataclass(frozen=True)
class Host:
    """`url` is where browsers find the app, such as http://127.0.0.1:8000.

    `queue` is None where the app's queues are SQS's: it sends to them as it does on AWS.
    """

    outbox: Outbox
    queue: Sender | None
    url: str
    stage: str


class GoneException(Exception):
    """As botocore's exception of this name: the connection is no longer there."""


class _Exceptions:
    GoneException = GoneException


class _Client:
    """The part of botocore's `apigatewaymanagementapi` client that Chalice uses."""

    exceptions = _Exceptions

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._outbox = Outbox(connections)

    def post_to_connection(self, ConnectionId: str, Data: str | bytes) -> None:  # noqa: N803
        text = Data.decode() if isinstance(Data, bytes) else Data
        _or_gone(self._outbox.post(ConnectionId, text))

    def delete_connection(self, ConnectionId: str) -> None:  # noqa: N803
        _or_gone(self._outbox.close(ConnectionId))

    def get_connection(self, ConnectionId: str) -> dict[str, Any]:  # noqa: N803
        find: Callable[[], Connection | None] = partial(self._connections.find, ConnectionId)
        connection = self._connections.ask(find, None)
        if connection is None:
            raise GoneException
        caller = connection.caller
        return {
            "ConnectedAt": _utc(caller.connected_at),
            "LastActiveAt": _utc(connection.last_active_at),
            "Identity": {"SourceIp": caller.source_ip, "UserAgent": caller.user_agent or ""},
        }


@dataclass(frozen=True)
class Session:
    """Stands where Chalice wants a boto3 session: it has a region without any environment, and one client."""

    connections: Connections
    region_name: str = REGION

    def client(self, _service: str, endpoint_url: str | None = None) -> _Client:
        return _Client(self.connections)


def _or_gone(done: bool) -> None:
    if not done:
        raise GoneException


def _utc(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
