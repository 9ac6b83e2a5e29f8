"""Running functions: on a pool of threads, with a time limit for whoever waits, as Lambda would."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from chalice.local import LambdaContext

from runtime import access
from runtime.errors import FunctionKilled, FunctionRaised, FunctionTimedOut

T = TypeVar("T")
Event = dict[str, Any]

LAMBDA_SECONDS = 900.0  # the longest a Lambda function may run; queue and schedule functions get no less here
LAMBDA_MEMORY_MB = 128

log = logging.getLogger("runtime")
_afterwards: ContextVar[list[Callable[[], None]] | None] = ContextVar("afterwards", default=None)


@dataclass(frozen=True)
class Function:
    """A Chalice handler under the name that Lambda would know it by."""

    name: str
    handler: Callable[[Any, Any], Any]

    def __call__(self, event: Event, seconds: float = LAMBDA_SECONDS) -> Any:
        return self.handler(event, LambdaContext(self.name, LAMBDA_MEMORY_MB, int(seconds * 1000)))


def run(work: Callable[[], T]) -> T:
    """Run one invocation; what it left for afterwards follows when it has returned or raised."""
    left: list[Callable[[], None]] = []
    token = _afterwards.set(left)
    try:
        return work()
    finally:
        _afterwards.reset(token)
        for action in left:
            action()


def after_return(action: Callable[[], None]) -> None:
    """Do this when the running function has returned, or at once outside of a function."""
    left = _afterwards.get()
    if left is None:
        action()
    else:
        left.append(action)


def handled(queue: str, function: Function, event: Event) -> bool:
    """Hand a queue's event to its function; False when that raised, which is logged."""
    with access.timed(f"queue {queue}") as entry:
        try:
            run(partial(function, event))
            return True
        except (Exception, FunctionKilled):
            entry.status = 500
            receipt = event["Records"][0]["attributes"]["ApproximateReceiveCount"]
            log.exception("%s raised at receipt %s", function.name, receipt)
            return False


class Functions:
    """The threads that run WebSocket, REST and scheduled functions."""

    def __init__(self, threads: int, seconds: float) -> None:
        self.threads = threads
        self.seconds = seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="function")
        self._running: set[asyncio.Future[Any]] = set()

    @property
    def busy(self) -> bool:
        return bool(self._running)

    async def call(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """Wait for a function's answer, as long as a browser would unless said otherwise."""
        running = asyncio.get_running_loop().run_in_executor(self._pool, run, work)
        self._running.add(running)
        running.add_done_callback(self._ended)
        done, _ = await asyncio.wait({running}, timeout=seconds or self.seconds)
        if not done:
            raise FunctionTimedOut
        if error := running.exception():
            raise FunctionRaised from error
        return running.result()

    async def settle(self, seconds: float) -> None:
        """Wait until no function runs, at most so long."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    def _ended(self, running: asyncio.Future[Any]) -> None:
        self._running.discard(running)
        if not running.cancelled() and (error := running.exception()):
            log.error("A function raised %s", type(error).__name__, exc_info=error)
