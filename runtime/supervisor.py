"""Several workers on one port: started, started again when they die, stopped together.

This process binds the port and the workers listen on that one socket, so that what waits to be accepted is never lost
with a worker, and whoever is idle takes the next connection.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from runtime import valkey, worker
from runtime.errors import CannotStart
from runtime.options import Options
from runtime.server import bind
from runtime.worker import Place

STEADY_SECONDS = 60.0  # who has lived that long is started again at once
LONGEST_PAUSE = 30.0

log = logging.getLogger("runtime")
# Spawned, not forked: a worker has nothing of the others, and sees by its sentinel when this process is gone.
_spawn = multiprocessing.get_context("spawn")


def run(options: Options, say: Callable[[list[str]], None]) -> int:
    """Serve with several processes until a signal; the exit status. Raises CannotStart."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    bound = bind(options.host, options.port)
    with nullcontext(options.redis_url) if options.redis_url else valkey.serving() as redis_url:
        return asyncio.run(Supervisor(replace(options, redis_url=redis_url), bound).run(say))


class Supervisor:
    def __init__(self, options: Options, bound: socket.socket) -> None:
        self._options = options
        self._bound = bound
        self._workers: dict[int, Worker] = {}
        self._stopping = asyncio.Event()
        self._status = 0

    async def run(self, say: Callable[[list[str]], None]) -> int:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        try:
            say(await self._start_all())
        except CannotStart:
            self._stop()
            await asyncio.gather(*(started.ended() for started in self._workers.values()))
            raise
        await asyncio.gather(*map(self._keep, list(self._workers)))
        return self._status

    async def _start_all(self) -> list[str]:
        """The first one alone: it prepares what all use, and takes what the last start left. Its lines."""
        lines = await self._started(self._begin(0, first=True))
        numbers = () if self._stopping.is_set() else range(1, self._options.workers)
        others = [self._begin(index) for index in numbers]
        await asyncio.gather(*map(self._started, others))
        processes = ", ".join(str(begun.process.pid) for begun in self._workers.values())
        return [f"Workers {processes} share the port", *lines]

    def _begin(self, index: int, *, first: bool = False) -> Worker:
        self._workers[index] = begun = Worker(self._options, Place(index, first), self._bound)
        return begun

    async def _started(self, begun: Worker) -> list[str]:
        lines = await begun.started()
        if lines is None and not self._stopping.is_set():
            status = await begun.ended()
            raise CannotStart(f"Worker {begun.index} could not start (status {status}), so none runs.")
        return lines or []

    async def _keep(self, index: int) -> None:
        """Start a worker again whenever it has ended, and later each time while it ends soon."""
        loop, pause = asyncio.get_running_loop(), 0.0
        while True:
            began = loop.time()
            status = await self._workers[index].ended()
            if loop.time() - began > STEADY_SECONDS:
                pause = 0.0
            if await self._told_to_stop(within=pause):
                return
            pause = min(max(1.0, 2 * pause), LONGEST_PAUSE)
            successor = self._begin(index).process.pid
            log.warning("Worker %s ended (status %s); %s takes its place", index, status, successor)

    async def _told_to_stop(self, within: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), within)
        return self._stopping.is_set()

    def _stop(self) -> None:
        """Let every worker finish what it does."""
        self._stopping.set()
        self._bound.close()
        for begun in self._workers.values():
            begun.process.terminate()

    def _interrupt(self) -> None:
        """The second Ctrl-C is the end, whatever still runs."""
        if self._stopping.is_set():
            self._status = 128 + signal.SIGINT
            for begun in self._workers.values():
                begun.process.kill()
        self._stop()


class Worker:
    """A process that serves."""

    def __init__(self, options: Options, place: Place, bound: socket.socket) -> None:
        self.index = place.index
        self._ear, mouth = _spawn.Pipe(duplex=False)
        self.process = _spawn.Process(target=_work, args=(options, place, bound, mouth))
        with _no_ctrl_c():
            self.process.start()
        mouth.close()

    async def started(self) -> list[str] | None:
        """The lines for the terminal, once it serves; None when it has ended before."""
        await _readable(self._ear)
        with self._ear:
            try:
                lines: list[str] = self._ear.recv()
            except EOFError:
                return None
        return lines

    async def ended(self) -> int | None:
        """Its exit status; a signal's number is negative."""
        await _readable(self.process.sentinel)
        self.process.join()
        return self.process.exitcode


def _work(options: Options, place: Place, bound: socket.socket, mouth: Connection) -> None:
    """What runs in the new process."""

    def on_start(lines: list[str]) -> None:
        with suppress(BrokenPipeError), mouth:
            mouth.send(lines)
        _stop_with_parent(asyncio.get_running_loop())

    raise SystemExit(worker.run(options, place, bound, on_start))


def _stop_with_parent(loop: asyncio.AbstractEventLoop) -> None:
    """As SIGTERM would, when this process is left alone."""
    parent = multiprocessing.parent_process()
    assert parent

    def alone(sentinel: int) -> None:
        loop.remove_reader(sentinel)
        signal.raise_signal(signal.SIGTERM)

    loop.add_reader(parent.sentinel, alone, parent.sentinel)


@contextmanager
def _no_ctrl_c() -> Iterator[None]:
    """What starts in here does not hear the terminal's Ctrl-C until it serves; a stop is told it from here."""
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)


async def _readable(what: Any) -> None:
    loop, seen = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(what, seen.set)
    try:
        await seen.wait()
    finally:
        loop.remove_reader(what)
