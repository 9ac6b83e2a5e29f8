"""The append-only log of a conversation: places without holes, one outcome per question.

There are no counters and no transactions. A writer reads the tail, looks there for what it is about to
write, and writes at the next place on condition that it is free; if somebody was faster it reads again.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.chat.model import (
    Header,
    Message,
    Origin,
    Sender,
    Tail,
    Turn,
    notice_id,
    origin_of,
    question_id,
    reply_id,
)
from chalicelib.chat.ports import Ports
from chalicelib.chat.texts import text
from chalicelib.errors import NoSession, SessionExpired, Unavailable

ACCEPT_TAIL = 21  # newest messages read before a question is accepted
REPLY_TAIL = 50  # and before a reply is written
PAGE = 50  # messages read at once beyond the tail
MOST_CONFLICTS = 50


_Twin = Callable[[Tail], Message | None]


class Appended(Struct, frozen=True):
    """What is stored, whether this call stored it, and the tail as it is now known."""

    message: Message
    fresh: bool
    tail: Tail


def read(ports: Ports, session_id: str, newest: int) -> Tail:
    """The tail of a conversation that still accepts messages. Raises NoSession or SessionExpired."""
    tail = ports.sessions.tail(session_id, newest)
    if tail is None:
        raise NoSession
    if tail.closed or expires_at(ports, tail) <= ports.clock.now():
        raise SessionExpired
    return tail


def expires_at(ports: Ports, tail: Tail) -> int:
    return tail.last_at + int(ports.settings.session_timeout_hours * 3_600_000)


def append_question(ports: Ports, tail: Tail, turn: Turn) -> Appended:
    """Store a person's message once, however often it is sent."""

    def twin(seen: Tail) -> Message | None:
        return question_of(turn.client_message_id, seen.messages)

    def at(_: Tail, seq: int) -> Message:
        return Message(
            session_id=turn.session_id,
            seq=seq,
            message_id=question_id(turn.session_id, seq),
            sender="user",
            at=turn.at,
            content=turn.content,
            client_message_id=turn.client_message_id,
            turn_id=turn.turn_id,
            page=turn.page,
            origin=_origin_of_question(tail),
        )

    return _append(ports, tail, twin, at)


def append_reply(
    ports: Ports, tail: Tail, question: Message, reply: Callable[[int], Message], *, urgent: bool = False
) -> Appended:
    """Store the one outcome of `question`; `reply` makes it for a given place.

    When there is an outcome already, that one is returned and nothing is stored. While somebody of the team has the
    conversation the outcome is a marker that says so, whatever was to be said, unless it is `urgent`.
    """

    def twin(seen: Tail) -> Message | None:
        return next((m for m in seen.messages if m.in_reply_to == question.message_id), None)

    def outcome(seen: Tail, seq: int) -> Message:
        taken = seen.header.handoff == "held" and not urgent
        return held(seen.header, question, seq, ports.clock.now()) if taken else reply(seq)

    return _append(ports, tail, twin, outcome)


def append_notice(ports: Ports, tail: Tail, **parts: object) -> Message:
    """Store something nobody asked for; `parts` are fields of Message."""
    return _append(ports, tail, lambda _: None, lambda _, seq: notice(tail.header, seq, **parts)).message


def append_words(ports: Ports, tail: Tail, client_message_id: str, **parts: object) -> Appended:
    """What an operator says, stored once where it has a `client_message_id` ("": none)."""

    def twin(seen: Tail) -> Message | None:
        return question_of(client_message_id, seen.messages, "operator") if client_message_id else None

    def at(_: Tail, seq: int) -> Message:
        return notice(tail.header, seq, sender="operator", client_message_id=client_message_id, **parts)

    return _append(ports, tail, twin, at)


def notice(header: Header, seq: int, **parts: object) -> Message:
    message_id = notice_id(header.session_id, seq)
    return Message(
        session_id=header.session_id,
        seq=seq,
        message_id=message_id,
        origin=origin_of(header),
        **parts,  # type: ignore[arg-type]
    )


def question_of(client_message_id: str, messages: tuple[Message, ...], sender: Sender = "user") -> Message | None:
    """What `sender` said under that id; whoever else has a message of that id has another one."""
    return next((m for m in messages if m.client_message_id == client_message_id and m.sender == sender), None)


def look_back(ports: Ports, tail: Tail, client_message_id: str, since: int, sender: Sender = "user") -> Message | None:
    """The question of that id, in `tail` or among the messages before it, as far back as `since` (ms)."""
    known = tail.messages
    found = question_of(client_message_id, known, sender)
    while not found and known and known[0].seq > 1 and known[0].at >= since:
        known = tuple(ports.sessions.before(tail.header.session_id, known[0].seq, PAGE))
        found = question_of(client_message_id, known, sender)
    return found


def near(ports: Ports, tail: Tail, seq: int) -> tuple[Message, ...]:
    """The messages from `seq` on, as many as a read brings: a reply comes soon after its question."""
    if tail.messages and tail.messages[0].seq <= seq:
        return tail.messages
    return tuple(ports.sessions.after(tail.header.session_id, seq - 1, PAGE))


def reply_to(question: Message, seq: int, **parts: object) -> Message:
    """A reply at `seq`; `parts` are the remaining fields of Message."""
    return Message(
        session_id=question.session_id,
        seq=seq,
        message_id=reply_id(question),
        sender="assistant",
        in_reply_to=question.message_id,
        origin=question.origin,
        **parts,  # type: ignore[arg-type]
    )


def held(header: Header, question: Message, seq: int, at: int) -> Message:
    """The outcome of a message that is a person's to answer."""
    words = text(header.locale, "handoff.held", operator=header.speaker)
    return replace(reply_to(question, seq, at=at, content=words, kind="held"), sender="system")


def _origin_of_question(tail: Tail) -> Origin:
    """The first one names the conversation before, so that coming back counts once there is something to ask."""
    first = not any(message.sender == "user" for message in tail.messages)
    return replace(origin_of(tail.header), earlier=tail.header.earlier if first else None)


def _append(ports: Ports, tail: Tail, twin: _Twin, at: Callable[[Tail, int], Message]) -> Appended:
    for _ in range(MOST_CONFLICTS):
        stored = twin(tail)
        if stored:
            return Appended(stored, False, tail)
        if tail.closed:
            raise SessionExpired
        message = at(tail, tail.last_seq + 1)
        if ports.sessions.append(message):
            return Appended(message, True, Tail(tail.header, (*tail.messages, message)))
        tail = _again(ports, tail)
    raise Unavailable


def _again(ports: Ports, tail: Tail) -> Tail:
    """The newest messages, with all that was stored since `tail` was read: a twin may be anywhere among them."""
    session_id = tail.header.session_id
    newest = ports.sessions.tail(session_id, REPLY_TAIL)
    if newest is None:
        raise NoSession
    unseen = newest.messages[0].seq - tail.last_seq - 1
    between = ports.sessions.after(session_id, tail.last_seq, unseen) if unseen > 0 else []
    return Tail(newest.header, (*between, *newest.messages))
