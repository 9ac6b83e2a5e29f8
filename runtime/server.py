"""The process as a server: its socket, and how it starts and stops."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol

import uvicorn
from starlette.middleware.gzip import GZipMiddleware

from runtime.asgi import Asgi
from runtime.errors import CannotStart
from runtime.gateway import Gateway
from runtime.invoke import Functions
from runtime.peers import Peers
from runtime.scheduler import Scheduler
from runtime.wire import Wire

_CLOSING_SECONDS = 5
_COMPRESSED_FROM = 1024  # bytes; API Gateway's MinimumCompressionSize


def bind(host: str, port: int) -> socket.socket:
    """A socket that has its address and does not listen yet."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio turns Nagle's delay off only for sockets that say they are TCP; with it on, the second
    # of two small frames waits for the first one's acknowledgement: 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise _taken(host, port, error) from error
    return bound


def _taken(host: str, port: int, error: OSError) -> CannotStart:
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    return CannotStart(f"Cannot listen on {host}:{port} ({reason}); stop what uses it, or give another --port.")


class Deliveries(Protocol):
    """What hands messages to functions: the queue of this machine, or a poller of SQS."""

    @property
    def busy(self) -> bool: ...

    def start(self) -> None: ...

    def hold(self) -> None: ...

    def settle(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class Parts:
    """What runs beside the HTTP server and starts and stops with it."""

    peers: Peers
    functions: Functions
    gateway: Gateway
    queue: Deliveries
    scheduler: Scheduler

    @property
    def busy(self) -> bool:
        return self.functions.busy or self.queue.busy


class Server(uvicorn.Server):
    def __init__(self, asgi: Asgi, parts: Parts, drain_seconds: float, on_start: Callable[[], None]) -> None:
        super().__init__(_config(asgi))
        self._asgi = asgi
        self._parts = parts
        self._drain_seconds = drain_seconds
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self._parts.peers.start()
        await self._listen(sockets or [])
        self._on_start()
        self._parts.queue.start()
        self._parts.scheduler.start()

    async def _listen(self, sockets: list[socket.socket]) -> None:
        try:
            await super().startup(sockets)
        except OSError as error:  # two that started together both got the address; only one can listen on it
            host, port = sockets[0].getsockname()[:2]
            raise _taken(host, port, error) from error

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # First nothing new begins, then the door closes: whoever finds it closed can rely on the rest.
        for part in (self._asgi, self._parts.gateway, self._parts.queue, self._parts.scheduler):
            part.hold()
        for server in self.servers:
            server.close()
        await self._drain()
        await _within(_CLOSING_SECONDS, self._parts.gateway.close_all())
        await super().shutdown(sockets)
        await self._parts.peers.stop()

    async def _drain(self) -> None:
        """Let what runs finish while its browsers are still there to hear of it."""
        seconds = self._drain_seconds
        await asyncio.gather(
            _within(seconds, self._parts.gateway.settle()),
            asyncio.to_thread(self._parts.queue.settle, seconds),
            self._parts.functions.settle(seconds),
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would raise the signal again after its shutdown, and the process would not end with status 0.
        if self.should_exit and sig == signal.SIGINT:
            os._exit(128 + sig)
        self.should_exit = True


def leave(busy: bool) -> None:
    """End the process although functions still run: Python would wait for their threads for ever."""
    if busy:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


async def _within(seconds: float, work: Any) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(work, seconds)


def _config(asgi: Asgi) -> uvicorn.Config:
    return uvicorn.Config(
        GZipMiddleware(asgi, minimum_size=_COMPRESSED_FROM),
        loop="asyncio",
        ws=Wire,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the peer is the peer, whatever a header claims
        timeout_graceful_shutdown=_CLOSING_SECONDS,
    )
