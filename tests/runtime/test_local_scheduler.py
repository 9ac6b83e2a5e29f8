"""Schedules: when they are due, and that none overlaps itself."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from local_browsers import play
from local_runtime import CEILING, eventually

from runtime import events
from runtime.errors import CannotStart
from runtime.invoke import Function, Functions
from runtime.scheduler import Next, Scheduler, Timer, next_due

SATURDAY = datetime(2025, 11, 22, 16, 50, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("rate(1 minute)", "2025-11-22 16:51:30"),
        ("rate(5 minutes)", "2025-11-22 16:55:30"),
        ("rate(2 hours)", "2025-11-22 18:50:30"),
        ("rate(1 day)", "2025-11-23 16:50:30"),
        ("cron(* * * * ? *)", "2025-11-22 16:51:00"),
        ("cron(0/15 * * * ? *)", "2025-11-22 17:00:00"),
        ("cron(0 6 ? * MON-FRI *)", "2025-11-24 06:00:00"),
        ("cron(0 3 ? * 1 *)", "2025-11-23 03:00:00"),
        ("cron(5,35 14 * * ? *)", "2025-11-23 14:05:00"),
        ("cron(0 0 L * ? *)", "2025-11-30 00:00:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29 00:00:00"),
    ],
)
def test_when_an_expression_is_next_due(expression: str, due: str) -> None:
    assert next_due(expression)(SATURDAY) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_year_that_is_over_is_never_due() -> None:
    assert next_due("cron(0 0 1 1 ? 2020)")(SATURDAY) is None


@pytest.mark.parametrize("expression", ["cron(0 0 * * * *)", "cron(61 * * * ? *)", "cron(* * * * *)", "every day"])
def test_what_aws_refuses_is_refused(expression: str) -> None:
    with pytest.raises(CannotStart, match="not one that AWS takes"):
        next_due(expression)


def every(seconds: float) -> Next:
    return lambda after: after + timedelta(seconds=seconds)


def test_a_function_never_overlaps_itself_and_goes_on_after_a_raise() -> None:
    running, most, calls = 0, 0, 0
    gate = threading.Event()

    def handler(event: Any, context: Any) -> None:
        nonlocal running, most, calls
        running, calls = running + 1, calls + 1
        most = max(most, running)
        gate.wait(0.05)  # five times its period
        running -= 1
        if calls == 1:
            raise RuntimeError("once")

    async def story() -> None:
        functions = Functions(threads=4, seconds=CEILING)
        scheduler = Scheduler([Timer(Function("often", handler), every(0.01))], functions)
        scheduler.start()
        await asyncio.to_thread(eventually, lambda: calls >= 4)
        scheduler.hold()
        await functions.settle(CEILING)
        ended = calls
        await asyncio.sleep(0.05)
        assert (most, calls) == (1, ended)

    play(story())


def test_the_event_is_eventbridges() -> None:
    event = events.scheduled("sweep", "an-id", SATURDAY)
    assert event["time"] == "2025-11-22T16:50:30Z"
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
    assert event["resources"] == ["arn:aws:events:local:000000000000:rule/sweep"]
