"""A week in figures: what was asked, how it ended, what went wrong, and how that compares to the week before."""

from datetime import date, datetime

from msgspec import Struct, field

from chalicelib.analytics import calendar, summaries
from chalicelib.analytics.figures import Counts, Figures, increment
from chalicelib.analytics.rollups import Counting
from chalicelib.analytics.summaries import DAY, Cards, Day, Titles, Topic, UserTypeCards

MOST_PROBLEMS = 5
PEAKS = 3


class ProblemCount(Struct, frozen=True, rename="camel"):
    """What went wrong, as a word that docs/analytics.md lists, and how often."""

    kind: str
    count: int


class Peak(Struct, frozen=True, rename="camel"):
    """An hour of the day with many turns, over the week."""

    hour: int
    turns: int


class Report(Struct, frozen=True, kw_only=True, rename="camel"):
    """`week` as "2026-W47"; `from` is its Monday, `to` its Sunday."""

    week: str
    since: date = field(name="from")
    until: date = field(name="to")
    time_zone: str
    counted_until: datetime | None
    cards: Cards
    previous: Cards
    days: tuple[Day, ...]  # all seven
    user_types: tuple[UserTypeCards, ...]
    topics: tuple[Topic, ...]  # most sessions first
    problems: tuple[ProblemCount, ...]  # most frequent first, those that happened
    problem_topics: tuple[Topic, ...]  # most unresolved sessions first
    peak_hours: tuple[Peak, ...]
    turns_by_hour: tuple[int, ...]  # of the day, 24


def weekly(counting: Counting, monday: date, titles: Titles) -> Report:
    """The report of the seven days from `monday`. Raises OverflowError at the calendar's ends."""
    sunday = monday + calendar.WEEK - DAY
    days = counting.rollups.days(monday, sunday)
    whole = summaries.total(days)
    before = summaries.total(counting.rollups.days(monday - calendar.WEEK, monday - DAY))
    by_hour = _by_hour(whole.turns_by_hour)
    every = (monday + DAY * n for n in range(7))
    return Report(
        week=calendar.week_of(monday),
        since=monday,
        until=sunday,
        time_zone=str(counting.zone),
        counted_until=summaries.counted_until(counting),
        cards=summaries.cards(whole),
        previous=summaries.cards(before),
        days=tuple(Day(day, summaries.cards(summaries.total({day: days.get(day, {})}))) for day in every),
        user_types=summaries.user_types(days),
        topics=summaries.topics(whole, titles, summaries.MOST_TOPICS),
        problems=_problems(whole),
        problem_topics=_problem_topics(whole, titles),
        peak_hours=_peaks(by_hour),
        turns_by_hour=by_hour,
    )


def _problems(of: Figures) -> tuple[ProblemCount, ...]:
    counts = {
        "unknown": of.unknown,
        "unhelpful": of.unhelpful,
        "complaint": of.intents.get("complaint", 0),
        "person": of.escalations.get("person", 0),
        "frustration": sum(of.escalations.values()) - of.escalations.get("person", 0),
        "fallback": of.finishes.get("fallback", 0),
        "cancelled": of.finishes.get("cancelled", 0),
        "reopened": of.outcomes.get("reopened", 0),
        "low_rating": of.ratings.get("1", 0) + of.ratings.get("2", 0),
    }
    found = [ProblemCount(kind, count) for kind, count in counts.items() if count]
    return tuple(sorted(found, key=lambda problem: (-problem.count, problem.kind)))


def _problem_topics(of: Figures, titles: Titles) -> tuple[Topic, ...]:
    worst = sorted(summaries.topics(of, titles), key=lambda topic: (-topic.unresolved, topic.entry_id))
    return tuple(topic for topic in worst[:MOST_PROBLEMS] if topic.unresolved)


def _by_hour(turns: Counts) -> tuple[int, ...]:
    hours: Counts = {}
    for place, count in turns.items():
        increment(hours, place.partition("-")[2], count)
    return tuple(hours.get(str(hour), 0) for hour in range(24))


def _peaks(by_hour: tuple[int, ...]) -> tuple[Peak, ...]:
    busiest = sorted(range(24), key=lambda hour: (-by_hour[hour], hour))[:PEAKS]
    return tuple(Peak(hour, by_hour[hour]) for hour in busiest if by_hour[hour])
