"""What administrators are shown of the figures: cards, series, subjects. docs/analytics.md says what each means."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct, field

from chalicelib.analytics import figures
from chalicelib.analytics.facts import HOUR_MS
from chalicelib.analytics.figures import MICRO, ByUserType, Counts, Figures
from chalicelib.analytics.histogram import Histogram
from chalicelib.analytics.rollups import Counting

Days = Mapping[date, ByUserType]
Titles = Mapping[str, str]

DAY = timedelta(days=1)
MOST_TOPICS = 10


class Times(Struct, frozen=True, rename="camel"):
    """Milliseconds; percentiles within 2 %. None: there were none."""

    count: int
    mean: float | None
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None


class Resolution(Struct, frozen=True, rename="camel"):
    """Conversations by how they ended up. `rate`: confirmed and assumed, of all that are not open."""

    rate: float | None
    confirmed: int
    assumed: int
    unresolved: int
    reopened: int
    open: int


class Cards(Struct, frozen=True, kw_only=True, rename="camel"):
    """The figures of some days. Rates are 0 to 1, None where there was nothing to count."""

    sessions: int
    asked: int  # sessions in which something was asked
    messages: int
    messages_by_sender: Counts
    turns: int
    turns_per_session: float | None
    response: Times
    first_words: Times
    duration: Times
    resolution: Resolution
    rating: float | None
    ratings: Counts
    helpful: int
    unhelpful: int
    helpful_rate: float | None
    escalated: int
    escalation_rate: float | None
    cached: int
    cache_hit_rate: float | None
    unknown: int
    unknown_rate: float | None
    fallbacks: int
    fallback_rate: float | None
    prompt_tokens: int
    reply_tokens: int
    cost_usd: float


class Topic(Struct, frozen=True, rename="camel"):
    """A subject: the entry that answers were made from, by its present title ("" when it is gone)."""

    entry_id: str
    title: str
    sessions: int
    turns: int
    unresolved: int  # of the sessions; those that came back too


class UserTypeCards(Struct, frozen=True, rename="camel"):
    user_type: str
    cards: Cards


class Week(Struct, frozen=True, rename="camel"):
    """Seven rows, Monday first, of 24 hours each, by the clocks of the time zone."""

    turns: tuple[tuple[int, ...], ...]
    sessions: tuple[tuple[int, ...], ...]


class Summary(Struct, frozen=True, kw_only=True, rename="camel"):
    """The days `from` to `to`, both included; `previous`: as many days before them."""

    since: date = field(name="from")
    until: date = field(name="to")
    time_zone: str
    counted_until: datetime | None  # what happened since is not in it yet
    active_sessions: int  # at this moment
    cards: Cards
    previous: Cards
    user_types: tuple[UserTypeCards, ...]
    topics: tuple[Topic, ...]  # most sessions first
    intents: Counts
    finishes: Counts
    failures: Counts
    escalations: Counts  # sessions by reason
    actions: Counts
    hour_of_week: Week


class Day(Struct, frozen=True, rename="camel"):
    date: date
    cards: Cards


def cards(of: Figures) -> Cards:
    asked = of.sessions - of.outcomes.get("nothing_asked", 0)
    escalated, fallbacks = sum(of.escalations.values()), of.finishes.get("fallback", 0)
    stars = sum(int(value) * count for value, count in of.ratings.items())
    return Cards(
        sessions=of.sessions,
        asked=asked,
        messages=sum(of.messages.values()),
        messages_by_sender=of.messages,
        turns=of.turns,
        turns_per_session=rate(of.turns, asked),
        response=times(of.response),
        first_words=times(of.first_words),
        duration=times(of.duration),
        resolution=resolution(of.outcomes),
        rating=rate(stars, sum(of.ratings.values())),
        ratings=of.ratings,
        helpful=of.helpful,
        unhelpful=of.unhelpful,
        helpful_rate=rate(of.helpful, of.helpful + of.unhelpful),
        escalated=escalated,
        escalation_rate=rate(escalated, asked),
        cached=of.cached,
        cache_hit_rate=rate(of.cached, of.turns),
        unknown=of.unknown,
        unknown_rate=rate(of.unknown, of.turns),
        fallbacks=fallbacks,
        fallback_rate=rate(fallbacks, of.turns),
        prompt_tokens=of.prompt_tokens,
        reply_tokens=of.reply_tokens,
        cost_usd=of.cost_micro_usd / MICRO,
    )


def resolution(outcomes: Counts) -> Resolution:
    ended = {name: outcomes.get(name, 0) for name in ("confirmed", "assumed", "unresolved", "reopened")}
    decided = sum(ended.values())
    return Resolution(rate(ended["confirmed"] + ended["assumed"], decided), **ended, open=outcomes.get("open", 0))


def times(of: Histogram) -> Times:
    shares = (of.percentile(share) for share in (0.5, 0.9, 0.95, 0.99))
    return Times(of.count, _rounded(of.mean), *map(_rounded, shares))


def rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def topics(of: Figures, titles: Titles, most: int | None = None) -> tuple[Topic, ...]:
    """The subjects of most conversations first."""
    found = [
        Topic(
            entry_id=entry_id,
            title=titles.get(entry_id, ""),
            sessions=of.session_topics.get(entry_id, 0),
            turns=of.topics.get(entry_id, 0),
            unresolved=of.unresolved_topics.get(entry_id, 0),
        )
        for entry_id in {*of.session_topics, *of.topics}
    ]
    return tuple(sorted(found, key=lambda topic: (-topic.sessions, -topic.turns, topic.entry_id))[:most])


def week(of: Figures) -> Week:
    def rows(counts: Counts) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(counts.get(f"{day}-{hour}", 0) for hour in range(24)) for day in range(1, 8))

    return Week(rows(of.turns_by_hour), rows(of.sessions_by_hour))


def total(days: Days, user_type: str = "") -> Figures:
    whole = Figures()
    for row in days.values():
        whole.add(figures.total(row, user_type))
    return whole


def summary(
    counting: Counting, since: date, until: date, user_type: str, titles: Titles, active_sessions: int
) -> Summary:
    days = counting.rollups.days(since, until)
    whole = total(days, user_type)
    return Summary(
        since=since,
        until=until,
        time_zone=str(counting.zone),
        counted_until=counted_until(counting),
        active_sessions=active_sessions,
        cards=cards(whole),
        previous=cards(total(_before(counting, since, until), user_type)),
        user_types=user_types(days, user_type),
        topics=topics(whole, titles, MOST_TOPICS),
        intents=whole.intents,
        finishes=whole.finishes,
        failures=whole.failures,
        escalations=whole.escalations,
        actions=whole.actions,
        hour_of_week=week(whole),
    )


def series(counting: Counting, since: date, until: date, user_type: str) -> tuple[Day, ...]:
    """A card set for each day that anything was counted of, and for those between."""
    days = counting.rollups.days(since, until)
    if not days:
        return ()
    every = (min(days) + DAY * n for n in range((max(days) - min(days)).days + 1))
    return tuple(Day(day, cards(figures.total(days.get(day, {}), user_type))) for day in every)


def user_types(days: Days, only: str = "") -> tuple[UserTypeCards, ...]:
    names = {name for row in days.values() for name in row if only in ("", name)}
    return tuple(UserTypeCards(name, cards(total(days, name))) for name in sorted(names))


def counted_until(counting: Counting) -> datetime | None:
    """The end of the last hour that was read."""
    hour = counting.rollups.rolled_until()
    return datetime.fromtimestamp(hour * HOUR_MS / 1000, UTC) if hour else None


def _before(counting: Counting, since: date, until: date) -> Days:
    """The days before `since`, as many; none of no days, nor where the calendar begins."""
    if until < since:
        return {}
    try:
        return counting.rollups.days(since - (until - since) - DAY, since - DAY)
    except OverflowError:
        return {}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
