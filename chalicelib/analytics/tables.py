"""A report as tables of text, from which every form of it is made."""

from collections.abc import Callable
from typing import NamedTuple

from chalicelib.analytics.reports import Report
from chalicelib.analytics.summaries import Cards
from chalicelib.analytics.texts import Words

Rows = tuple[tuple[str, ...], ...]


class Table(NamedTuple):
    """`name`: of its section. The first column is text, the others are numbers as people write them."""

    name: str
    heading: tuple[str, ...]
    rows: Rows


def tables(report: Report, words: Words) -> tuple[Table, ...]:
    """Those that have anything in them."""
    found = tuple(_table(report, words, name) for name in _ROWS)
    return tuple(table for table in found if table.rows)


def _table(report: Report, words: Words, name: str) -> Table:
    columns, rows = _ROWS[name]
    return Table(name, tuple(words["columns"][column] for column in columns), rows(report, words))


def _cards(report: Report, words: Words) -> Rows:
    now, before = _figures(report.cards, words), _figures(report.previous, words)
    return tuple((words["cards"][name], value, before[name]) for name, value in now.items())


def _figures(cards: Cards, words: Words) -> dict[str, str]:
    return {
        "sessions": words.number(cards.sessions),
        "asked": words.number(cards.asked),
        "messages": words.number(cards.messages),
        "turns": words.number(cards.turns),
        "resolution": words.share(cards.resolution.rate),
        "rating": words.number(cards.rating, 2),
        "helpful": words.share(cards.helpful_rate),
        "escalation": words.share(cards.escalation_rate),
        "unknown": words.share(cards.unknown_rate),
        "cache": words.share(cards.cache_hit_rate),
        "fallback": words.share(cards.fallback_rate),
        "first": words.milliseconds(cards.first_words.p95),
        "response": words.milliseconds(cards.response.p95),
        "cost": f"US$ {words.number(cards.cost_usd, 2)}",
    }


def _outcomes(report: Report, words: Words) -> Rows:
    ended = report.cards.resolution
    counts = ((text, getattr(ended, name)) for name, text in words["outcomes"].items())
    return tuple((text, words.number(count)) for text, count in counts if count)


def _topics(report: Report, words: Words) -> Rows:
    return tuple(
        (t.title or t.entry_id, *map(words.number, (t.sessions, t.turns, t.unresolved))) for t in report.topics
    )


def _problems(report: Report, words: Words) -> Rows:
    return tuple((words["problems"][problem.kind], words.number(problem.count)) for problem in report.problems)


def _problem_topics(report: Report, words: Words) -> Rows:
    return tuple((topic.title or topic.entry_id, words.number(topic.unresolved)) for topic in report.problem_topics)


def _user_types(report: Report, words: Words) -> Rows:
    names = words["user_types"]
    return tuple(
        (names.get(one.user_type, one.user_type), words.number(one.cards.sessions), words.number(one.cards.turns))
        for one in report.user_types
    )


def _peaks(report: Report, words: Words) -> Rows:
    return tuple((f"{peak.hour}h", words.number(peak.turns)) for peak in report.peak_hours)


def _days(report: Report, words: Words) -> Rows:
    return tuple(
        (
            words.day(day.date),
            words.number(day.cards.sessions),
            words.number(day.cards.turns),
            words.share(day.cards.resolution.rate),
            words.number(day.cards.rating, 2),
        )
        for day in report.days
        if day.cards.sessions or day.cards.turns
    )


_ROWS: dict[str, tuple[tuple[str, ...], Callable[[Report, Words], Rows]]] = {
    "cards": (("figure", "value", "before"), _cards),
    "outcomes": (("outcome", "sessions"), _outcomes),
    "topics": (("topic", "sessions", "turns", "unresolved"), _topics),
    "problems": (("problem", "count"), _problems),
    "problem_topics": (("topic", "unresolved"), _problem_topics),
    "user_types": (("user_type", "sessions", "turns"), _user_types),
    "peak_hours": (("hour", "turns"), _peaks),
    "days": (("day", "sessions", "turns", "resolution", "rating"), _days),
}
