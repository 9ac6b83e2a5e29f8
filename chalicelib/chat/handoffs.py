"""What somebody of the team can do with a conversation: watch it, take it over, answer, give it back, end it.

All of it is appended to the log, so a reply in flight finds its place taken, looks again, and is not sent. Each raises
NotFound for a conversation that is not, and Conflict for one that is over or in other hands.
"""

from collections.abc import Callable

from msgspec.structs import replace

from chalicelib.chat import conversations, endings, frames, log, protocol
from chalicelib.chat.frames import Outgoing
from chalicelib.chat.model import Connection, Handoff, Header, Message, Tail, questions_without_outcome
from chalicelib.chat.ports import SEEN_SECONDS, Ports
from chalicelib.chat.sessions import broadcast, change_header, leave_conversation
from chalicelib.chat.texts import text
from chalicelib.errors import BadRequest, Conflict, Forbidden, NoSession, NotFound, SessionExpired, TooLarge


def queue(ports: Ports) -> list[Handoff]:
    """Who waits, then who has somebody, each longest first; those whose conversation is over are forgotten."""
    found = sorted(ports.handoffs.handoffs(), key=lambda one: (bool(one.operator), one.at, one.session_id))
    over = {one.session_id for one in found if _over(ports, one)}
    for session_id in over:
        ports.handoffs.drop_handoff(session_id)
    return [one for one in found if one.session_id not in over]


def watch(ports: Ports, connection_id: str, ip: str, operator: str, session_id: str) -> list[Outgoing]:
    """Let an operator's socket see a conversation as it goes on; the person is not told."""
    leave_conversation(ports, connection_id)
    tail = _conversation(ports, session_id)
    header = change_header(ports, tail.header, lambda h: replace(h, watchers=(*h.watchers, connection_id)))
    ports.sessions.save_connection(
        Connection(
            connection_id=connection_id,
            session_id=session_id,
            owner=f"operator:{operator}",
            ip=ip,
            locale=header.locale,
            operator=operator,
        )
    )
    ports.live.join(session_id, connection_id)
    newest = _conversation(ports, session_id)
    shown = frames.newest_that_fit([frames.message_frame(message) for message in newest.messages])
    return [frames.History(at=_now(ports), messages=tuple(shown), more=bool(shown) and shown[0].seq > 1)]


def takeover(ports: Ports, session_id: str, operator: str, speaker: str) -> Message:
    """End what is being written, and hold the conversation; again by the same operator: nothing more."""
    tail = _conversation(ports, session_id)
    for question in questions_without_outcome(tail.messages):
        tail = endings.cancel(ports, tail, question)

    def taken(header: Header) -> Header:
        if header.handoff == "held" and header.operator != operator:
            raise Conflict
        return replace(header, handoff="held", operator=operator, speaker=speaker)

    before = next((m for m in reversed(tail.messages) if m.kind in ("taken_over", "released")), None)
    again = tail.header.handoff == "held" and tail.header.operator == operator
    if again and before and before.kind == "taken_over":
        return before
    header = change_header(ports, tail.header, taken)
    opened = ports.handoffs.handoff(session_id) or _uncalled(ports, header)
    ports.handoffs.save_handoff(replace(opened, operator=operator))
    return _notice(ports, replace(tail, header=header), "taken_over")


def say(ports: Ports, session_id: str, operator: str, content: str, client_message_id: str = "") -> log.Appended:
    """Append what the operator who holds the conversation says; the person sees who it is.

    With an id of its own it is said once, however often it is sent; without one, each time.
    """
    if len(content) > ports.settings.max_message_length:
        raise TooLarge(fields=("content",))
    cleaned = protocol.clean(content)
    if not cleaned:
        raise BadRequest(fields=("content",))
    tail = _held(ports, session_id, operator)
    at = ports.clock.now()
    words = f"**{tail.header.speaker}:** {cleaned}"
    since = at - SEEN_SECONDS * 1000
    known = client_message_id and log.look_back(ports, tail, client_message_id, since, "operator")
    if known:
        return log.Appended(known, False, tail)
    stored = log.append_words(ports, tail, client_message_id, at=at, content=words)
    if stored.fresh:
        broadcast(ports, tail, stored.message)
    return stored


def release(ports: Ports, session_id: str, operator: str) -> Message:
    """Give the conversation back to the assistant. What annoyed the person before calls nobody again."""
    tail = _held(ports, session_id, operator)
    header = change_header(ports, tail.header, lambda h: replace(h, handoff="released", operator=""))
    ports.handoffs.drop_handoff(session_id)
    return _notice(ports, replace(tail, header=header), "released")


def close(ports: Ports, session_id: str, operator: str) -> None:
    """End the conversation that one holds, as the person could."""
    tail = _held(ports, session_id, operator)
    tail = endings.close(ports, tail)
    ended = frames.encode(frames.SessionEnded(at=_now(ports), session_id=session_id))
    for socket in tail.header.audience:
        ports.outbox.post(socket, ended)


def _say(ports: Ports, connection: Connection, frame: protocol.SendMessage) -> list[Outgoing]:
    said = say(ports, connection.session_id, connection.operator, frame.content, frame.client_message_id)
    answer = frames.Accepted(
        at=_now(ports),
        client_message_id=frame.client_message_id,
        message_id=said.message.message_id,
        seq=said.message.seq,
        duplicate=not said.fresh,
    )
    return [answer]


def _typing(ports: Ports, connection: Connection, frame: protocol.Typing) -> list[Outgoing]:
    header = _held(ports, connection.session_id, connection.operator).header
    shown = frames.encode(frames.TypingFrame(at=_now(ports), is_typing=frame.is_typing, sender="operator"))
    for socket in header.sockets:
        ports.outbox.post(socket, shown)
    return []


ACTIONS: dict[type, Callable[..., list[Outgoing]]] = {
    protocol.SendMessage: _say,
    protocol.Typing: _typing,
    protocol.LoadHistory: conversations.load_history,
}


def act(ports: Ports, connection: Connection, frame: object) -> list[Outgoing]:
    """An action of a socket that watches. Raises Forbidden for what is the person's alone."""
    if type(frame) not in ACTIONS:
        raise Forbidden
    return ACTIONS[type(frame)](ports, connection, frame)


def _conversation(ports: Ports, session_id: str) -> Tail:
    try:
        return log.read(ports, session_id, log.REPLY_TAIL)
    except NoSession as error:
        raise NotFound from error
    except SessionExpired as error:
        raise Conflict from error


def _held(ports: Ports, session_id: str, operator: str) -> Tail:
    """The conversation that this operator holds."""
    tail = _conversation(ports, session_id)
    if tail.header.handoff != "held" or tail.header.operator != operator:
        raise Conflict
    return tail


def _over(ports: Ports, handoff: Handoff) -> bool:
    try:
        _conversation(ports, handoff.session_id)
    except (NotFound, Conflict):
        return True
    return False


def _uncalled(ports: Ports, header: Header) -> Handoff:
    """Of a conversation that nobody was called into."""
    return Handoff(
        session_id=header.session_id,
        at=ports.clock.now(),
        reason="operator",
        summary="",
        user_type=header.user_type,
        name=header.name,
        locale=header.locale,
    )


def _notice(ports: Ports, tail: Tail, kind: str) -> Message:
    words = text(tail.header.locale, f"handoff.{kind}", operator=tail.header.speaker)
    message = log.append_notice(ports, tail, sender="system", kind=kind, at=ports.clock.now(), content=words)
    broadcast(ports, tail, message)
    return message


def _now(ports: Ports) -> str:
    return frames.timestamp(ports.clock.now())
