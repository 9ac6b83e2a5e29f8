"""What was counted is what happened, whatever the order, however often, and whoever was killed on the way."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.adapters.dynamodb import DynamoDBSessions
from chalicelib.adapters.dynamodb_rollups import DynamoDBRollups
from chalicelib.adapters.sqlite_rollups import SQLiteRollups
from chalicelib.adapters.system import SystemClock
from chalicelib.analytics.rollups import Counting, due
from chalicelib.knowledge import seed
from demo.fortnight import Conversation, conversations
from tests.analytics.figured import AS_OF, HOURS, UNTIL, ZONE, compare, counting, fortnight, kept, rolled, summed
from tests.analytics.recount import Recount
from tests.dynamodb import Table

SOME = fortnight(120)


class Killed(Exception):
    pass


class Mortal(SQLiteRollups):
    """Dies at a certain write."""

    def __init__(self, lives: int) -> None:
        super().__init__(None)
        self.lives = lives

    def _write(self, statement: str, *values: object) -> int:
        self.lives -= 1
        if self.lives == 0:
            raise Killed
        return super()._write(statement, *values)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Recount]:
    """Two thousand conversations, rolled up and told again."""
    told = fortnight(2_000)
    return rolled(counting(tmp_path_factory.mktemp("data"), told)), Recount(told, AS_OF)


@pytest.mark.requirement("R7.2")
@pytest.mark.parametrize("kind", ["", "client", "provider", "anonymous"])
def test_every_figure_of_two_thousand_conversations_is_that_of_a_recount(whole: tuple[Any, Recount], kind: str) -> None:
    rollups, recount = whole
    compare(summed(rollups, kind=kind), recount.figures(lambda _: True, kind))


def test_so_are_those_of_every_day(whole: tuple[Any, Recount]) -> None:
    rollups, recount = whole
    days = [day for day, row in rollups.days(date(2000, 1, 1), date(2100, 1, 1)).items() if row]
    assert len(days) >= 14
    for day in days:
        compare(summed(rollups, day.__eq__), recount.figures(day.__eq__))


def test_conversations_that_go_on_are_open_until_a_day_has_passed(tmp_path: Path) -> None:
    now = HOURS.start + 20 * 24
    rollups = rolled(counting(tmp_path, SOME), range(HOURS.start, now))
    compare(summed(rollups), _until(now * 3_600_000).figures(lambda _: True))


def _until(as_of: int) -> Recount:
    """Everything that was said before a moment, told again as of then."""
    early = [
        Conversation(
            c.header,
            tuple(m for m in c.messages if m.at < as_of),
            tuple(n for n in c.notes if n.at < as_of),
        )
        for c in SOME
        if c.header.created_at < as_of
    ]
    return Recount(early, as_of)


def test_twice_is_once(tmp_path: Path) -> None:
    counted = counting(tmp_path, SOME)
    once = kept(rolled(counted))
    assert kept(rolled(counted)) == once
    assert kept(rolled(counted, reversed(HOURS))) == once


def test_hour_by_hour_as_time_goes_is_as_good_as_all_at_once(tmp_path: Path) -> None:
    once = kept(rolled(counting(tmp_path, SOME)))
    live = Counting(counting(tmp_path, ()).facts, SQLiteRollups(None), ZONE)
    live.rollups.save_rolled_until(HOURS.start)
    for hour in (*HOURS[::12], HOURS.stop):
        rolled(live, due(live, hour * 3_600_000))
    assert live.rollups.rolled_until() == HOURS.stop and kept(live.rollups) == once


def test_whoever_is_killed_begins_again_and_nothing_is_lost_or_counted_twice(tmp_path: Path) -> None:
    once = kept(rolled(counting(tmp_path, SOME)))
    facts, mortal = counting(tmp_path, ()).facts, Mortal(0)
    counted, deaths = Counting(facts, mortal, ZONE), 0
    mortal.save_rolled_until(HOURS.start)
    while mortal.rolled_until() < HOURS.stop:
        mortal.lives = 67 + 13 * deaths
        try:
            rolled(counted, due(counted, HOURS.stop * 3_600_000, late=0))
        except Killed:
            deaths += 1
    assert deaths > 10 and kept(mortal) == once


@pytest.mark.parametrize("lives", range(1, 12))
def test_whoever_is_killed_in_a_repair_finds_what_is_to_be_mended(tmp_path: Path, lives: int) -> None:
    """The hour had added to others what it does not add any more: somebody changed a rating."""
    mortal = Mortal(0)
    counted = counting(tmp_path, SOME, mortal)
    rated = next(c for c in SOME if any(n.kind == "rating" for n in c.notes))
    stars = next(n for n in rated.notes if n.kind == "rating")
    rolled(counted)
    moved = [replace(stars, at=stars.at + 3_600_000 * 5, rating=6 - (stars.rating or 0))]
    changed = counting(tmp_path, ()).facts
    changed.save_note(moved[0])  # type: ignore[attr-defined]
    hours = [stars.at // 3_600_000, moved[0].at // 3_600_000]
    mortal.lives = lives
    with pytest.raises(Killed):
        rolled(Counting(changed, mortal, ZONE), hours)
    again = kept(rolled(Counting(changed, mortal, ZONE), hours))
    assert again == kept(rolled(Counting(changed, SQLiteRollups(None), ZONE)))


def test_what_comes_late_corrects_the_past(tmp_path: Path) -> None:
    once = kept(rolled(counting(tmp_path / "a", SOME)))
    early = [Conversation(c.header, c.messages[: len(c.messages) // 2], c.notes[1:]) for c in SOME]
    counted = counting(tmp_path / "b", early)
    assert kept(rolled(counted)) != once
    late = [Conversation(c.header, c.messages[len(c.messages) // 2 :], c.notes[:1]) for c in SOME]
    with_late = _added(tmp_path / "b", late, counted)
    assert kept(rolled(with_late)) == once


def _added(folder: Path, late: Iterable[Conversation], counted: Counting) -> Counting:
    for one in late:
        for message in one.messages:
            counted.facts.append(message)  # type: ignore[attr-defined]
        for note in one.notes:
            counted.facts.save_note(note)  # type: ignore[attr-defined]
    return counted


def stored(table: Table, told: Iterable[Conversation]) -> DynamoDBSessions:
    store = DynamoDBSessions(table.direct, SystemClock())
    for one in told:
        store.create(one.header, one.messages[0])
        for message in one.messages[1:]:
            store.append(message)
        for note in one.notes:
            store.save_note(note)
    return store


def test_dynamodb_counts_the_same_and_reads_an_hours_buckets_only(table: Table, tmp_path: Path) -> None:
    told = list(conversations(seed.entries(), UNTIL, days=1, count=25))
    hours = range(UNTIL // 3_600_000 - 26, UNTIL // 3_600_000 + 4)
    stored(table, told)
    facts, rollups = DynamoDBSessions(table.settings, SystemClock()), DynamoDBRollups(table.settings)
    counted = Counting(facts, rollups, ZONE)
    busy = told[0].header.created_at // 3_600_000
    table.wire.counted()
    assert len(list(facts.facts(busy))) > 0
    assert table.wire.counted() == {"Query": 8}
    rolled(counted, hours)
    assert "Scan" not in table.wire.counted()
    assert kept(rollups) == kept(rolled(counting(tmp_path, told), hours))
    assert cost_of(table, counted, busy) == cost_after_more_history(table, counted, busy)


def cost_of(table: Table, counted: Counting, hour: int) -> dict[str, int]:
    table.wire.counted()
    rolled(counted, [hour])
    return table.wire.counted()


def cost_after_more_history(table: Table, counted: Counting, hour: int) -> dict[str, int]:
    """Of the same hour, when a week before it has as much again."""
    more = list(conversations(seed.entries(), UNTIL - 7 * 86_400_000, days=1, count=10, seed=5))
    stored(table, more)
    rolled(counted, range(hour - 8 * 24, hour - 6 * 24, 4))
    return cost_of(table, counted, hour)
