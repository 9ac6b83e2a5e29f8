"""The WebSocket half of API Gateway: connect, messages, disconnect."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from runtime import access, events
from runtime.connections import Connection, Connections
from runtime.errors import FunctionRaised, FunctionTimedOut
from runtime.events import Api, Caller, Moment
from runtime.invoke import Event, Function, Functions
from runtime.rate import Rate
from runtime.wire import EXTENSION

_FAILURES: dict[type[Exception], tuple[int, str]] = {
    FunctionRaised: (502, "Internal server error"),
    FunctionTimedOut: (504, "Endpoint request timed out"),
}


URL_LIMIT = 4096  # characters of a path and its query


class Gateway:
    """An ASGI application for WebSockets; one call of it is the life of one connection."""

    def __init__(
        self,
        api: Api,
        sockets: Mapping[str, Function],
        routes: Iterable[str],
        connections: Connections,
        functions: Functions,
        arrivals: Rate,
    ) -> None:
        self._api = api
        self._sockets = sockets
        self._routes = frozenset(routes)
        self._connections = connections
        self._functions = functions
        self._arrivals = arrivals
        self._lives: set[asyncio.Task[Any]] = set()
        self._messages: set[asyncio.Task[None]] = set()
        self._draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if status := self._turned_away(scope):
            await _refuse(send, status, {})
            return
        life = asyncio.current_task()
        assert life is not None
        self._lives.add(life)
        try:
            await self._live(scope, receive, send)
        finally:
            self._lives.discard(life)

    def _turned_away(self, scope: Scope) -> int:
        """The status for who does not even reach the connect function, else 0."""
        if self._draining:
            return 503
        if scope["path"].rstrip("/") not in ("/ws", f"/{self._api.stage}"):
            return 403
        if len(b"?".join(filter(None, (scope["raw_path"], scope["query_string"])))) > URL_LIMIT:
            return 414
        return 0 if self._arrivals.take() else self._arrivals.status

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect, which says nothing
        caller = _caller(self._connections.new_id(), scope)
        if not await self._admit(caller, scope, send):
            return
        # Only now: a POST to this id while the connect function runs finds nobody (410).
        connection = self._connections.open(caller, scope["extensions"][EXTENSION]["wire"])
        if self._draining:  # it was let in just before
            connection.close(1001, "Going away")
        try:
            code, reason = await self._listen(connection, receive)
        finally:
            self._connections.remove(connection)
        await self._disconnected(caller, code, reason)

    def hold(self) -> None:
        """Take no new connections and messages."""
        self._draining = True

    async def settle(self) -> None:
        """Wait until the messages taken have been answered."""
        if self._messages:
            await asyncio.wait(self._messages)

    async def close_all(self) -> None:
        """Close every connection and wait until its disconnect function has run."""
        self._connections.close_all(1001, "Going away")
        if self._lives:
            await asyncio.wait(self._lives)

    async def _admit(self, caller: Caller, scope: Scope, send: Send) -> bool:
        moment = _now()
        with access.timed("ws connect", caller.connection_id) as entry:
            event = events.connect(self._api, caller, moment, _pairs(scope), scope["query_string"].decode("latin-1"))
            entry.status, answer = await self._ask("$connect", event)
            if not 200 <= int(entry.status) < 300:
                await _refuse(send, int(entry.status), _problem(answer, caller, moment))
                return False
            try:
                await send({"type": "websocket.accept", "headers": _chosen_subprotocol(answer)})
            except OSError:  # the browser has left meanwhile; `receive` says so next
                entry.status = 499
        return True

    async def _ask(self, route: str, event: Event) -> tuple[int, Any]:
        """The status and the answer of a route's function, or the gateway's own message where there is none."""
        function = self._sockets.get(route)
        if function is None:
            return 200, {}
        try:
            answer = await self._functions.call(partial(function, event, self._functions.seconds))
        except (FunctionRaised, FunctionTimedOut) as failure:
            return _FAILURES[type(failure)]
        return _status(answer), answer

    async def _listen(self, connection: Connection, receive: Receive) -> tuple[int, str]:
        # Half of the threads at most serve one browser; beyond that its messages wait in its own socket.
        slots = asyncio.Semaphore(max(1, self._functions.threads // 2))
        while True:
            received = await receive()
            if received["type"] == "websocket.disconnect":
                return _closing(received)
            if received.get("text") is None:
                connection.close(1003, "Binary frames are not supported")
            elif not self._draining:  # when draining, the browser is told by the close that follows and sends again
                connection.touch()
                await slots.acquire()
                self._start(self._message(connection, received["text"]), slots)

    def _start(self, message: Any, slots: asyncio.Semaphore) -> None:
        task = asyncio.create_task(message)
        self._messages.add(task)
        task.add_done_callback(self._messages.discard)
        task.add_done_callback(lambda _: slots.release())

    async def _message(self, connection: Connection, text: str) -> None:
        caller, moment, route = connection.caller, _now(), self._route(text)
        with access.timed(f"ws {route or '$default'}", caller.connection_id) as entry:
            if "$default" not in self._sockets:
                entry.status, answer = 403, "Forbidden"
            else:
                key = route or "$default"
                event = events.message(self._api, caller, moment, key, _request_id(), text)
                entry.status, answer = await self._ask("$default", event)
            # A function's own answer is not sent (there are no route responses); what the gateway has to say is.
            if isinstance(answer, str):
                connection.post(json.dumps(_problem(answer, caller, moment)))

    def _route(self, text: str) -> str | None:
        """`$request.body.action` where it names a route, by exact match."""
        if not self._routes:
            return None
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            return None
        action = body.get("action") if isinstance(body, dict) else None
        return action if isinstance(action, str) and action in self._routes else None

    async def _disconnected(self, caller: Caller, code: int, reason: str) -> None:
        with access.timed("ws disconnect", caller.connection_id) as entry:
            entry.status = code
            await self._ask("$disconnect", events.disconnect(self._api, caller, _now(), code, reason))


def _caller(connection_id: str, scope: Scope) -> Caller:
    agent = Headers(scope=scope).get("user-agent")
    return Caller(connection_id, time.time_ns() // 1_000_000, scope["client"][0], agent)


def _now() -> Moment:
    return Moment(_request_id(), time.time_ns() // 1_000_000)


def _request_id() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()


def _pairs(scope: Scope) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]


def _status(answer: Any) -> int:
    """What is no HTTP status is a malformed answer, and a 502 on AWS."""
    status = answer.get("statusCode") if isinstance(answer, dict) else None
    return status if isinstance(status, int) and 200 <= status < 600 else 502


def _chosen_subprotocol(answer: Any) -> list[tuple[bytes, bytes]]:
    headers = (answer.get("headers") if isinstance(answer, dict) else None) or {}
    return [
        (name.lower().encode(), str(value).encode())
        for name, value in headers.items()
        if name.lower() == "sec-websocket-protocol"
    ]


def _closing(received: Any) -> tuple[int, str]:
    # uvicorn reports 1005 both for a close frame without a code and for a connection that broke; a reason is there
    # (if empty) only when a close frame was.
    return (received["code"], received["reason"] or "") if "reason" in received else (1006, "")


def _problem(answer: Any, caller: Caller, moment: Moment) -> dict[str, str]:
    text = answer if isinstance(answer, str) else "Forbidden"
    return {"message": text, "connectionId": caller.connection_id, "requestId": moment.request_id}


async def _refuse(send: Send, status: int, problem: dict[str, str]) -> None:
    body = json.dumps(problem or {"message": HTTPStatus(status).phrase}).encode()
    headers = [(b"content-type", b"application/json")]
    with suppress(OSError):  # the browser has left meanwhile
        await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})
