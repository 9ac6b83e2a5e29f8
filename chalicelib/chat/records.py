"""Conversations as those who look after them see them: found by the hour they began in, counted, told in full.

A list is made from the buckets of its hours, newest first, and of each conversation it reads header, log and notes;
nothing is scanned, and nothing more than one conversation is held at a time.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from chalicelib.analytics.facts import HOUR_MS, Fact
from chalicelib.analytics.ports import Facts
from chalicelib.chat import log
from chalicelib.chat.frames import timestamp
from chalicelib.chat.model import Message, Note, Tail, UserType
from chalicelib.chat.ports import Ports
from chalicelib.knowledge.language import fold

READERS = 8  # an hour is several requests where the store is DynamoDB


class Wanted(Struct, frozen=True, kw_only=True):
    """Hours since 1970, both included, and what else is asked for; None: anything."""

    first_hour: int
    last_hour: int
    user_type: UserType | None = None
    rating: int | None = None
    escalated: bool | None = None
    active: bool | None = None
    words: tuple[str, ...] = ()  # without accents or capitals; each is somewhere in what was said


class Conversation(Struct, frozen=True, kw_only=True, rename="camel"):
    """One conversation in figures. Times are ISO 8601 UTC."""

    session_id: str
    user: str  # as the host site names them; "" for visitors
    user_type: UserType
    name: str
    locale: str
    status: str  # active (a tab is open), open (can be resumed), expired, closed
    handoff: str
    created_at: str
    updated_at: str
    closed_at: str | None
    messages: int
    by_user: int
    by_assistant: int
    by_operator: int
    mean_response_ms: int | None
    rating: int | None
    comment: str
    helpful: int
    unhelpful: int
    escalated: bool
    escalation: str
    topics: tuple[str, ...]
    actions: int
    cost_usd: float


class Record(Struct, frozen=True):
    """All there is of a conversation."""

    conversation: Conversation
    messages: tuple[Message, ...]
    notes: tuple[Note, ...]


def found(
    ports: Ports, facts: Facts, wanted: Wanted, before: tuple[int, str], between: Callable[[], object] = bool
) -> Iterator[tuple[Fact, Record | None]]:
    """Every conversation begun in those hours and before that place, newest first; None for one that does not fit.

    `between` is called between what is read, and may raise to end it.
    """
    for fact in places(facts, wanted, before, between):
        between()
        record = read(ports, fact.session_id) if wanted.user_type in (None, fact.user_type) else None
        yield fact, record if record and _fits(record, wanted) else None


def places(
    facts: Facts, wanted: Wanted, before: tuple[int, str], between: Callable[[], object] = bool
) -> Iterator[Fact]:
    """The beginning of every conversation of those hours and before that place, newest first."""
    last = min(wanted.last_hour, before[0] // HOUR_MS)
    with ThreadPoolExecutor(READERS) as pool:
        for newest in range(last, wanted.first_hour - 1, -READERS):
            between()
            hours = range(newest, max(newest - READERS, wanted.first_hour - 1), -1)
            for opened in pool.map(lambda hour: _opened(facts, hour), hours):
                yield from (fact for fact in opened if place_of(fact) < before)


def _opened(facts: Facts, hour: int) -> list[Fact]:
    found = {fact.session_id: fact for fact in facts.facts(hour) if fact.opening and fact.kind == "message"}
    return sorted(found.values(), key=place_of, reverse=True)


def place_of(fact: Fact) -> tuple[int, str]:
    return fact.at, fact.session_id


def read(ports: Ports, session_id: str) -> Record | None:
    tail = ports.sessions.tail(session_id, log.REPLY_TAIL)
    if tail is None:
        return None
    messages = _whole(ports, tail)
    notes = tuple(ports.sessions.notes(session_id))
    return Record(_conversation(ports, tail, messages, notes), messages, notes)


def _whole(ports: Ports, tail: Tail) -> tuple[Message, ...]:
    messages = list(tail.messages)
    while messages and messages[0].seq > 1:
        messages[:0] = ports.sessions.before(tail.header.session_id, messages[0].seq, log.PAGE)
    return tuple(messages)


def _conversation(ports: Ports, tail: Tail, messages: tuple[Message, ...], notes: tuple[Note, ...]) -> Conversation:
    header = tail.header
    kind, _, user = header.owner.partition(":")
    said = [message.sender for message in messages if message.kind == "message"]
    rated = next((note for note in notes if note.kind == "rating"), None)
    came = [message.provenance for message in messages if message.provenance]
    took = [one.waited_ms + one.timings["written"] for one in came if "written" in one.timings]
    return Conversation(
        session_id=header.session_id,
        user=user if kind == "user" else "",
        user_type=header.user_type,
        name=header.name,
        locale=header.locale,
        status=_status(ports, tail),
        handoff=header.handoff,
        created_at=timestamp(header.created_at),
        updated_at=timestamp(tail.last_at),
        closed_at=timestamp(tail.last_at) if tail.closed else None,
        messages=len(said),
        by_user=said.count("user"),
        by_assistant=said.count("assistant"),
        by_operator=said.count("operator"),
        mean_response_ms=round(sum(took) / len(took)) if took else None,
        rating=rated.rating if rated else None,
        comment=rated.comment if rated else "",
        helpful=sum(note.helpful is True for note in notes),
        unhelpful=sum(note.helpful is False for note in notes),
        escalated=any(message.escalated for message in messages),
        escalation=next((m.provenance.escalation for m in messages if m.escalated and m.provenance), ""),
        topics=tuple(dict.fromkeys(source.title for message in messages for source in message.sources)),
        actions=sum(note.kind == "action" for note in notes),
        cost_usd=round(sum(one.cost_usd for one in came), 6),
    )


def _status(ports: Ports, tail: Tail) -> str:
    if tail.closed:
        return "closed"
    if log.expires_at(ports, tail) <= ports.clock.now():
        return "expired"
    return "active" if tail.header.sockets else "open"


def _fits(record: Record, wanted: Wanted) -> bool:
    one = record.conversation
    return (
        wanted.user_type in (None, one.user_type)
        and wanted.rating in (None, one.rating)
        and wanted.escalated in (None, one.escalated)
        and wanted.active in (None, one.status == "active")
        and (not wanted.words or _says(record, wanted.words))
    )


def _says(record: Record, words: tuple[str, ...]) -> bool:
    who = (record.conversation.session_id, record.conversation.user, record.conversation.name)
    text = fold(" ".join((*who, *(message.content for message in record.messages))))
    return all(word in text for word in words)
