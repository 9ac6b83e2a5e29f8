"""Counting, hour by hour: what an hour's facts add, and to which hour; then the figures of those hours and days.

An hour (the *source*) is read once, and what it adds is kept by (target, source): its turns to itself, its parts of
conversations to the hour in which each began. So reading an hour again replaces what it added before: twice is once,
what came late corrects the past, and whoever is killed begins the hour again. docs/analytics.md tells the whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, tzinfo

from chalicelib.analytics import calendar, figures, sessions
from chalicelib.analytics.facts import HOUR_MS, Fact, hour_of
from chalicelib.analytics.figures import ByUserType
from chalicelib.analytics.ports import Contribution, Facts, Rollups
from chalicelib.analytics.sessions import Part

SETTLED_AFTER = 24  # hours, after which a conversation that nobody went on with may be taken for resolved
FIRST_LOOK_BACK = 48  # hours of a rollup that was never run; `make rollup` reads what is older
LATE = 2  # hours that are read again with each new one
DAILY_LATE = 48  # and once a day


@dataclass(frozen=True)
class Counting:
    """Where facts come from, where figures go, and whose days they are counted by."""

    facts: Facts
    rollups: Rollups
    zone: tzinfo

    def today(self, now: int) -> date:
        """The day it is at `now` (ms)."""
        return calendar.day_of(hour_of(now), self.zone)


def due(counting: Counting, now: int, late: int = LATE) -> range:
    """The hours that have ended since the last time, and `late` before them for what came after they were read."""
    current, rolled = hour_of(now), counting.rollups.rolled_until()
    return range(rolled - late if rolled else current - FIRST_LOOK_BACK, current)


def roll(counting: Counting, hours: Iterable[int]) -> Iterator[int]:
    """Read these hours, oldest first; yields each when it is done. May be broken off and begun again anywhere."""
    rollups = counting.rollups
    until = rollups.rolled_until()
    for hour in hours:
        as_of = max(until, hour + 1)
        _read(counting, hour, as_of * HOUR_MS)
        if as_of > until:
            rollups.save_rolled_until(as_of)
            until = as_of
        yield hour


def contributed(source: int, facts: Iterable[Fact]) -> dict[int, Contribution]:
    """What the facts of an hour add, by the hour they add it to."""
    turns: ByUserType = {}
    parts: dict[int, dict[str, Part]] = defaultdict(dict)
    for fact in {(fact.session_id, fact.name): fact for fact in facts}.values():
        figures.of(turns, fact.user_type).count(fact)
        for part in sessions.parts_of(fact):
            began = fact.started_at if part.session_id == fact.session_id else _earlier(fact)
            _put(parts[hour_of(began)], part)
    found = {target: Contribution(parts=tuple(some.values())) for target, some in parts.items()}
    if turns:
        found[source] = Contribution(turns, found[source].parts if source in found else ())
    return found


def hour_figures(contributions: Iterable[Contribution], as_of: int) -> ByUserType:
    """The figures of an hour from all that was added to it, as it was known at `as_of` (ms)."""
    summed: ByUserType = {}
    whole: dict[str, Part] = {}
    for contribution in contributions:
        for user_type, turns in contribution.turns.items():
            figures.of(summed, user_type).add(turns)
        for part in contribution.parts:
            _put(whole, part)
    for part in whole.values():
        if part.opened:  # else the hour of its beginning was not read
            sessions.count(figures.of(summed, part.user_type[1]), part, as_of)
    return summed


def day_figures(hours: dict[int, ByUserType], zone: tzinfo) -> ByUserType:
    """The figures of a day from those of its hours, and with them when in the week things happened."""
    summed: ByUserType = {}
    for hour, row in hours.items():
        place = calendar.hour_of_week(hour, zone)
        for user_type, one in row.items():
            mine = figures.of(summed, user_type)
            mine.add(one)
            figures.increment(mine.turns_by_hour, place, one.turns)
            figures.increment(mine.sessions_by_hour, place, one.sessions)
    return summed


def _read(counting: Counting, source: int, as_of: int) -> None:
    rollups = counting.rollups
    found = contributed(source, counting.facts.facts(source))
    touched = rollups.targets(source) | found.keys()
    rollups.save_targets(source, touched)  # before anything else: whoever begins again finds what is to be mended
    for target in touched:
        rollups.replace(target, source, found.get(target))
    _refresh(counting, touched | rollups.targets(source - SETTLED_AFTER), as_of)
    if touched != found.keys():
        rollups.save_targets(source, found)


def _refresh(counting: Counting, hours: Iterable[int], as_of: int) -> None:
    days: set[date] = set()
    for hour in sorted(hours):
        counting.rollups.save_hour(hour, hour_figures(counting.rollups.contributions(hour), as_of))
        days.add(calendar.day_of(hour, counting.zone))
    for day in days:
        hours_of_day = calendar.hours_of(day, counting.zone)
        rows = counting.rollups.hours(hours_of_day.start, hours_of_day.stop)
        counting.rollups.save_day(day, day_figures(rows, counting.zone))


def _put(parts: dict[str, Part], part: Part) -> None:
    known = parts.get(part.session_id)
    parts[part.session_id] = sessions.merged(known, part) if known else part


def _earlier(fact: Fact) -> int:
    assert fact.earlier
    return fact.earlier.started_at
