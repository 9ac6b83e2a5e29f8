"""Parts of conversations merge in any order; histograms do, and tell percentiles."""

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.analytics import calendar
from chalicelib.analytics.histogram import Histogram
from chalicelib.analytics.sessions import DAY_MS, Part, merged, outcome

times = st.integers(1, 50)
topics = st.lists(st.sampled_from("abc"), max_size=2, unique=True).map(lambda found: tuple(sorted(found)))
parts = st.builds(
    Part,
    session_id=st.just("s"),
    user_type=st.tuples(times, st.sampled_from(["client", "anonymous"])),
    opened=st.booleans(),
    turns=st.tuples(times, times).map(lambda pair: (min(pair), max(pair))) | st.just((0, 0)),
    last=st.tuples(times, st.booleans()) | st.just((0, True)),
    topics=topics,
    escalated=st.tuples(times, st.sampled_from(["person", "strong"])) | st.just((0, "")),
    verdicts=st.dictionaries(st.sampled_from("xy"), st.tuples(times, st.booleans()), max_size=2),
    rating=st.tuples(times, st.integers(1, 5)) | st.just((0, 0)),
    returns=st.lists(st.tuples(times, topics), max_size=2).map(lambda found: tuple(sorted(set(found)))),
)


@given(st.lists(parts, min_size=2, max_size=4))
def test_parts_merge_in_any_order_and_the_same_part_twice_changes_nothing(some: list[Part]) -> None:
    def all_of(order: tuple[Part, ...]) -> Part:
        whole = order[0]
        for part in order[1:]:
            whole = merged(whole, part)
        return whole

    once = all_of(tuple(some))
    assert all(all_of(order) == once for order in permutations(some))
    assert merged(once, some[0]) == once and merged(once, once) == once


ASKED = Part(session_id="s", opened=True, turns=(1, 10), last=(10, True), topics=("a",))


@pytest.mark.parametrize(
    ("more", "ended"),
    [
        ({}, "assumed"),
        ({"last": (0, True)}, "nothing_asked"),
        ({"verdicts": {"m": (11, True)}}, "confirmed"),
        ({"verdicts": {"m": (9, True)}}, "assumed"),  # of an earlier answer
        ({"verdicts": {"m": (11, False)}}, "unresolved"),
        ({"verdicts": {"m": (11, False), "n": (12, True)}}, "confirmed"),
        ({"last": (10, False)}, "unresolved"),
        ({"last": (10, False), "verdicts": {"m": (11, True)}}, "confirmed"),
        ({"escalated": (5, "person"), "verdicts": {"m": (11, True)}}, "unresolved"),
        ({"rating": (12, 2)}, "unresolved"),
        ({"rating": (12, 3)}, "assumed"),
        ({"returns": ((10 + DAY_MS, ("b",)),)}, "reopened"),
        ({"returns": ((11 + DAY_MS, ("b",)),)}, "assumed"),
        ({"returns": ((10 + 7 * DAY_MS, ("a",)),)}, "reopened"),
        ({"returns": ((11 + 7 * DAY_MS, ("a",)),)}, "assumed"),
        ({"returns": ((12, ("a",)),), "verdicts": {"m": (11, True)}}, "reopened"),
        ({"returns": ((12, ("a",)),), "last": (10, False)}, "unresolved"),
    ],
)
def test_how_a_conversation_ended_up(more: dict[str, object], ended: str) -> None:
    assert outcome(merged(ASKED, ASKED), 100 * DAY_MS) == "assumed"
    fields = {name: getattr(ASKED, name) for name in Part.__struct_fields__}
    assert outcome(Part(**{**fields, **more}), 100 * DAY_MS) == ended


def test_it_is_open_for_a_day() -> None:
    assert [outcome(ASKED, 10 + DAY_MS + late) for late in (0, 1)] == ["open", "assumed"]


@given(st.lists(st.integers(0, 10**7), min_size=1), st.lists(st.integers(0, 10**7)), st.floats(0, 1))
def test_percentiles_of_merged_histograms_are_within_two_percent(
    some: list[int], others: list[int], share: float
) -> None:
    one, other = Histogram(), Histogram()
    for histogram, values in ((one, some), (other, others)):
        for value in values:
            histogram.add(value)
    one.merge(other)
    values = sorted(some + others)
    exact = values[max(1, math.ceil(share * len(values))) - 1]
    assert one.percentile(share) == pytest.approx(exact, rel=0.02)
    assert (one.count, one.total) == (len(values), sum(values))


def test_nothing_has_no_percentile() -> None:
    assert Histogram().percentile(0.5) is None and Histogram().mean is None


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("America/Sao_Paulo", "2026-11-22", 24), ("Europe/Lisbon", "2026-03-29", 23), ("Europe/Lisbon", "2026-10-25", 25)],
)
def test_a_day_has_the_hours_that_its_clocks_say(zone: str, day: str, hours: int) -> None:
    place, date = calendar.zone_of(zone), calendar.date.fromisoformat(day)
    found = calendar.hours_of(date, place)
    assert len(found) == hours and {calendar.day_of(hour, place) for hour in found} == {date}


@pytest.mark.parametrize("name", ["Asia/Kolkata", "Nowhere/Land", "../etc/passwd", "America"])
def test_a_zone_whose_days_are_not_whole_hours_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        calendar.zone_of(name)


def test_weeks_are_those_of_iso_8601() -> None:
    assert calendar.week_of(calendar.date(2027, 1, 3)) == "2026-W53"
    assert calendar.monday_of("2026-W47").isoformat() == "2026-11-16"
    for wrong in ("2025-W53", "2026-W00", "2026", "x"):
        with pytest.raises(ValueError):
            calendar.monday_of(wrong)
