"""What an app is given: its host, by the `attach` hook or through Chalice's own `app.websocket_api`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from runtime.errors import Unreachable
from runtime.events import REGION
from runtime.faults import Faults
from runtime.peers import Peers
from runtime.wire import MESSAGE_LIMIT, Delivery


class Sender(Protocol):
    """A FIFO queue's sending end. The message is on file when `send` returns."""

    def send(self, queue: str, body: str, group: str, dedup: str) -> None: ...


class Outbox:
    """The way from a function's thread to a browser, whichever process has its socket.

    A socket of another process counts as there while Redis does not answer: who were taken for gone would never be
    written to again, and a browser that has missed something asks for it.
    """

    def __init__(self, peers: Peers, faults: Faults) -> None:
        self._peers = peers
        self._faults = faults

    def post(self, connection_id: str, data: str) -> bool:
        """Hand a message to the socket's send buffer; False when the browser is gone, or so slow that it is let go."""
        if fault := self._faults.answer():
            return fault is not Delivery.GONE
        try:
            delivery = self._peers.ask(self._peers.post(connection_id, data), Delivery.GONE)
        except Unreachable:
            return True
        if delivery is Delivery.TOO_LARGE:
            raise ValueError(f"a message to a browser holds at most {MESSAGE_LIMIT} bytes")
        return delivery is Delivery.SENT

    def close(self, connection_id: str) -> bool:
        """Close with 1000; False when the connection is gone already."""
        try:
            return self._peers.ask(self._peers.close(connection_id), False)
        except Unreachable:
            return True


@dataclass(frozen=True)
class Common:
    """What the processes of one start have in common.

    `first` is True for one of them: it prepares what all use and picks up what the last start left, before the others
    run. `redis_url` is "" for a process alone.
    """

    workers: int
    first: bool
    redis_url: str


@dataclass(frozen=True)
class Host:
    """`url` is where browsers find the app, such as http://127.0.0.1:8000.

    `queue` is None where the app's queues are SQS's: it sends to them as it does on AWS. `faults` is True where
    functions and messages are struck by faults on demand, which an app may refuse by a ValueError.
    """

    outbox: Outbox
    queue: Sender | None
    url: str
    stage: str
    common: Common
    faults: bool = False


class GoneException(Exception):
    """As botocore's exception of this name: the connection is no longer there."""


class _Exceptions:
    GoneException = GoneException


class _Client:
    """The part of botocore's `apigatewaymanagementapi` client that Chalice uses."""

    exceptions = _Exceptions

    def __init__(self, peers: Peers, outbox: Outbox) -> None:
        self._peers = peers
        self._outbox = outbox

    def post_to_connection(self, ConnectionId: str, Data: str | bytes) -> None:  # noqa: N803
        text = Data.decode() if isinstance(Data, bytes) else Data
        _or_gone(self._outbox.post(ConnectionId, text))

    def delete_connection(self, ConnectionId: str) -> None:  # noqa: N803
        _or_gone(self._outbox.close(ConnectionId))

    def get_connection(self, ConnectionId: str) -> dict[str, Any]:  # noqa: N803
        found = self._peers.ask(self._peers.describe(ConnectionId), None)
        if found is None:
            raise GoneException
        return {
            "ConnectedAt": _utc(found.connected_at),
            "LastActiveAt": _utc(found.last_active_at),
            "Identity": {"SourceIp": found.source_ip, "UserAgent": found.user_agent or ""},
        }


@dataclass(frozen=True)
class Session:
    """Stands where Chalice wants a boto3 session: it has a region without any environment, and one client."""

    peers: Peers
    outbox: Outbox
    region_name: str = REGION

    def client(self, _service: str, endpoint_url: str | None = None) -> _Client:
        return _Client(self.peers, self.outbox)


def _or_gone(done: bool) -> None:
    if not done:
        raise GoneException


def _utc(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
