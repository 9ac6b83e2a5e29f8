"""Scheduled functions, at the times that AWS rate and cron expressions name, in UTC."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from aws_croniter import AwsCroniter  # type: ignore[import-untyped]

from runtime import access, events
from runtime.errors import CannotStart, FunctionRaised, FunctionTimedOut
from runtime.invoke import LAMBDA_SECONDS, Function, Functions

Next = Callable[[datetime], datetime | None]

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.+)\)")
_LONGEST_SLEEP = 60.0  # a clock that is set, or a lid that is closed, is noticed within this many seconds


@dataclass(frozen=True)
class Timer:
    """A function, and when it is next due after a given time."""

    function: Function
    next: Next


def next_due(expression: str) -> Next:
    """Read `rate(5 minutes)` or `cron(0 12 * * ? *)`."""
    if match := _RATE.fullmatch(expression):
        period = timedelta(**{f"{match[2]}s": int(match[1])})
        return lambda after: after + period
    if match := _CRON.fullmatch(expression):
        try:
            return partial(_next_cron, AwsCroniter(match[1]))
        except ValueError as error:
            raise CannotStart(f"The schedule {expression!r} is not one that AWS takes: {error}") from error
    raise CannotStart(f"The schedule {expression!r} is not one that AWS takes; write rate(5 minutes) or cron(…).")


def _next_cron(cron: AwsCroniter, after: datetime) -> datetime | None:
    found: datetime | None = cron.get_next(after)[0]
    return found


class Scheduler:
    """Each timer waits for its function before it looks for the next time: none overlaps itself."""

    def __init__(self, timers: Iterable[Timer], functions: Functions) -> None:
        self._timers = list(timers)
        self._functions = functions
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._repeat(timer)) for timer in self._timers]

    def hold(self) -> None:
        """Start nothing more. What runs goes on; `Functions` knows of it."""
        for task in self._tasks:
            task.cancel()

    async def _repeat(self, timer: Timer) -> None:
        due = timer.next(_now())
        while due is not None:
            await _until(due)
            await self._run(timer.function, due)
            due = timer.next(due)
            if due is not None and due <= _now():  # it ran for longer than its period: what was missed is left out
                due = timer.next(_now())

    async def _run(self, function: Function, due: datetime) -> None:
        event = events.scheduled(function.name, str(uuid.uuid4()), due)
        with access.timed(f"schedule {function.name}") as entry:
            try:
                await self._functions.call(partial(function, event), LAMBDA_SECONDS)
            except (FunctionRaised, FunctionTimedOut):
                entry.status = 500


async def _until(due: datetime) -> None:
    while (seconds := (due - _now()).total_seconds()) > 0:
        await asyncio.sleep(min(seconds, _LONGEST_SLEEP))


def _now() -> datetime:
    return datetime.now(UTC)
