"""A question of a stored conversation, searched again with the knowledge of today; nothing is said or stored."""

from msgspec import Struct

from chalicelib.chat import log, retrieval
from chalicelib.chat.model import Message, Tail, outcome_of, place_of
from chalicelib.chat.ports import Ports, Sessions
from chalicelib.errors import NotFound
from chalicelib.knowledge.search import Index

AROUND = 50  # messages after a question, among which its outcome is


class Present(Struct, frozen=True, rename="camel"):
    """An entry as it is today. `version` None: nobody is answered from it any more. `score` None: it is not found."""

    entry_id: str
    title: str
    version: int | None
    score: float | None


class Replay(Struct, frozen=True, kw_only=True, rename="camel"):
    """What would be found today, best first, then what was found then and would not be."""

    entries: tuple[Present, ...]
    confidence: float
    answerable: bool
    follow_up: bool


def turn_of(sessions: Sessions, message_id: str) -> tuple[Message | None, Message | None]:
    """The question with its outcome, by the id of either; None for what there is not (yet).

    Raises ValueError for what is not an id.
    """
    session_id, seq, role = place_of(message_id)
    around = sessions.after(session_id, seq - 1, AROUND) if role != "n" else []
    question = around[0] if around and around[0].seq == seq and around[0].sender == "user" else None
    return question, outcome_of(question.message_id, tuple(around)) if question else None


def replay(ports: Ports, index: Index, session_id: str, message_id: str) -> Replay:
    """Search as the assistant did, after the same words of the conversation. Raises NotFound."""
    question, outcome, tail = _found(ports, session_id, message_id)
    earlier = ports.sessions.before(session_id, question.seq, log.REPLY_TAIL)
    before = Tail(tail.header, (*earlier, question))
    grounds = retrieval.search(index, before, question, ports.settings.answer_threshold)
    now = {hit.entry.id: hit for hit in grounds.found.hits}
    then = outcome.provenance.retrieved if outcome and outcome.provenance else ()
    entries = [Present(hit.entry.id, hit.entry.title, hit.entry.version, hit.score) for hit in now.values()]
    for entry_id in dict.fromkeys(one.entry_id for one in then if one.entry_id not in now):
        entry = index.entry(entry_id)
        entries.append(Present(entry_id, entry.title if entry else "", entry.version if entry else None, None))
    return Replay(
        entries=tuple(entries),
        confidence=grounds.found.confidence,
        answerable=grounds.answerable,
        follow_up=grounds.follow_up,
    )


def _found(ports: Ports, session_id: str, message_id: str) -> tuple[Message, Message | None, Tail]:
    try:
        question, outcome = turn_of(ports.sessions, message_id)
    except ValueError as error:
        raise NotFound from error
    tail = ports.sessions.tail(session_id, 1)
    if question is None or tail is None or question.session_id != session_id:
        raise NotFound
    return question, outcome, tail
