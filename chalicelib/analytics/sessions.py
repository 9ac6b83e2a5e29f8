"""How a conversation ended up, put together from what the hours tell of it.

A `Part` is what one hour's facts say about one conversation. Parts of a conversation merge into one whatever their
order, and the same part twice changes nothing; so an hour can be read again at any time.
"""

from typing import Literal

from msgspec import Struct

from chalicelib.analytics.facts import HOUR_MS, Fact
from chalicelib.analytics.figures import Figures, increment

Outcome = Literal["confirmed", "assumed", "unresolved", "reopened", "open", "nothing_asked"]

DAY_MS = 24 * HOUR_MS
REOPENED_MS = 7 * DAY_MS
LOW_STARS = 2


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Pairs begin with a time, so that the newest (or the oldest) of two is the greater (or the lesser)."""

    session_id: str
    user_type: tuple[int, str] = (0, "")  # the newest counts: a visitor may sign in
    opened: bool = False
    turns: tuple[int, int] = (0, 0)  # times of the first and the last reply
    last: tuple[int, bool] = (0, True)  # of replies but small talk: the newest, and whether it answered well
    topics: tuple[str, ...] = ()
    escalated: tuple[int, str] = (0, "")  # the first time, and why
    verdicts: dict[str, tuple[int, bool]] = {}  # by answer: helpful or not
    rating: tuple[int, int] = (0, 0)
    returns: tuple[tuple[int, tuple[str, ...]], ...] = ()  # conversations begun after this one: time and topics


def parts_of(fact: Fact) -> list[Part]:
    """What a fact says of its conversation, and of the one before it."""
    mine = {"session_id": fact.session_id, "user_type": (fact.at, fact.user_type)}
    if fact.kind == "feedback" and fact.helpful is not None:
        return [Part(**mine, verdicts={fact.name: (fact.at, fact.helpful)})]  # type: ignore[arg-type]
    if fact.kind == "rating" and fact.stars is not None:
        return [Part(**mine, rating=(fact.at, fact.stars))]  # type: ignore[arg-type]
    if fact.opening:
        return [Part(**mine, opened=True)]  # type: ignore[arg-type]
    return _of_reply(fact) if fact.kind == "reply" else []


def merged(one: Part, other: Part) -> Part:
    verdicts = dict(one.verdicts)
    for name, verdict in other.verdicts.items():
        verdicts[name] = max(verdicts.get(name, verdict), verdict)
    return Part(
        session_id=one.session_id,
        user_type=max(one.user_type, other.user_type),
        opened=one.opened or other.opened,
        turns=(_first(one.turns[0], other.turns[0]), max(one.turns[1], other.turns[1])),
        last=max(one.last, other.last),
        topics=_united(one.topics, other.topics),
        escalated=min(filter(_told, (one.escalated, other.escalated)), default=(0, "")),
        verdicts=verdicts,
        rating=max(one.rating, other.rating),
        returns=_united(one.returns, other.returns),
    )


def outcome(part: Part, as_of: int) -> Outcome:
    """How the conversation had ended up at `as_of` (ms): what the person said comes before what may be assumed."""
    asked, well = part.last
    if not asked:
        return "nothing_asked"
    said, helpful = max(part.verdicts.values(), default=(0, True))
    confirmed = said > 0 and helpful and said >= asked
    if part.escalated[0] or not (helpful and (well or confirmed)) or 0 < part.rating[1] <= LOW_STARS:
        return "unresolved"
    if _came_back(part):
        return "reopened"
    if confirmed:
        return "confirmed"
    return "assumed" if as_of > part.turns[1] + DAY_MS else "open"


def count(figures: Figures, part: Part, as_of: int) -> None:
    """Add one whole conversation."""
    ended = outcome(part, as_of)
    figures.sessions += 1
    increment(figures.outcomes, ended)
    if part.escalated[0]:
        increment(figures.escalations, part.escalated[1])
    if part.rating[1]:
        increment(figures.ratings, str(part.rating[1]))
    for _, helpful in part.verdicts.values():
        figures.helpful += helpful
        figures.unhelpful += not helpful
    for topic in part.topics:
        increment(figures.session_topics, topic)
        if ended in ("unresolved", "reopened"):
            increment(figures.unresolved_topics, topic)
    if part.turns[1]:
        figures.duration.add(part.turns[1] - part.turns[0])


def _of_reply(fact: Fact) -> list[Part]:
    well = fact.known and fact.finish != "cancelled" and fact.intent != "complaint"
    own = Part(
        session_id=fact.session_id,
        user_type=(fact.at, fact.user_type),
        turns=(fact.at, fact.at),
        last=(0, True) if fact.small_talk else (fact.at, well),
        topics=tuple(sorted(set(fact.entries))),
        escalated=(fact.at, fact.escalation) if fact.escalation else (0, ""),
    )
    if fact.earlier is None:
        return [own]
    return [own, Part(session_id=fact.earlier.session_id, returns=((fact.at, own.topics),))]


def _came_back(part: Part) -> bool:
    """With anything within a day, or with the same subject within a week."""
    left = part.turns[1]
    return any(
        left <= at <= left + DAY_MS or (left <= at <= left + REOPENED_MS and set(topics) & set(part.topics))
        for at, topics in part.returns
    )


def _first(one: int, other: int) -> int:
    """The earlier of two times, of which 0 is none."""
    return min(one, other) if one and other else one or other


def _told(escalated: tuple[int, str]) -> bool:
    return bool(escalated[0])


def _united(one: tuple, other: tuple) -> tuple:  # type: ignore[type-arg]
    return tuple(sorted({*one, *other})) if one != other else one
