"""Conversations in a store, rolled up, and what was counted of them."""

import math
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.adapters.sqlite_rollups import SQLiteRollups
from chalicelib.analytics import calendar, figures
from chalicelib.analytics.figures import Figures
from chalicelib.analytics.histogram import Histogram
from chalicelib.analytics.ports import Rollups
from chalicelib.analytics.rollups import Counting, roll
from chalicelib.knowledge import seed
from demo.fortnight import Conversation, conversations
from demo.store import write

UNTIL = 1_800_000_000_000
HOURS = range(UNTIL // 3_600_000 - 15 * 24, UNTIL // 3_600_000 + 8 * 24)
ZONE = calendar.zone_of("America/Sao_Paulo")
EVER = date(2000, 1, 1), date(2100, 1, 1)
AS_OF = HOURS.stop * 3_600_000


def fortnight(count: int, **how: Any) -> list[Conversation]:
    return list(conversations(seed.entries(), UNTIL, count=count, **how))


def counting(folder: Path, told: Iterable[Conversation], rollups: Rollups | None = None) -> Counting:
    """What rolls up these conversations, kept in a file of `folder`; in memory unless other rollups are given."""
    folder.mkdir(exist_ok=True)
    path = folder / "conversations.sqlite3"
    write(path, told)
    return Counting(SQLiteSessions(path), rollups or SQLiteRollups(None), ZONE)


def rolled(counting: Counting, hours: Iterable[int] = HOURS) -> Rollups:
    for _ in roll(counting, hours):
        pass
    return counting.rollups


def kept(rollups: Rollups) -> dict[str, Any]:
    """All figures there are, to compare."""
    hours, days = rollups.hours(HOURS.start - 1_000, HOURS.stop + 1_000), rollups.days(*EVER)
    return {
        "hours": msgspec.to_builtins({str(hour): row for hour, row in hours.items() if row}),
        "days": msgspec.to_builtins({day.isoformat(): row for day, row in days.items() if row}),
    }


def summed(rollups: Rollups, of: Callable[[date], bool] = lambda _: True, kind: str = "") -> Figures:
    whole = Figures()
    for day, row in rollups.days(*EVER).items():
        if of(day):
            whole.add(figures.total(row, kind))
    return whole


def compare(found: Figures, wanted: dict[str, Any]) -> None:
    """Every figure, exactly; of histograms count, sum, and the percentiles within 2 %."""
    assert set(wanted) == set(Figures.__struct_fields__)
    for name, right in wanted.items():
        value = getattr(found, name)
        if isinstance(value, Histogram):
            assert (value.count, value.total) == (len(right), sum(right)), name
            for share in (0.5, 0.9, 0.95, 0.99) if right else ():
                exact = sorted(right)[max(1, math.ceil(share * len(right))) - 1]
                assert value.percentile(share) == pytest.approx(exact, rel=0.02), (name, share)
        else:
            plain = {k: v for k, v in value.items() if v} if isinstance(value, dict) else value
            assert plain == right, name
