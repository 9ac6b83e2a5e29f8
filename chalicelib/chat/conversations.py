"""What a person can do in a conversation: one function an action of docs/protocol.md.

Each takes the connection it came from and returns the frames that answer it; what other browsers of the same
conversation should see is posted by the function itself.
"""

from msgspec import UNSET
from msgspec.structs import replace

from chalicelib.chat import endings, frames, greetings, log, model, pages, protocol
from chalicelib.chat.frames import Outgoing
from chalicelib.chat.model import (
    Connection,
    Message,
    Note,
    Page,
    Tail,
    Turn,
    origin_of,
    outcome_of,
    place_of,
    question_id,
    questions_without_outcome,
)
from chalicelib.chat.ports import SEEN_SECONDS, Bucket, Ports
from chalicelib.chat.sessions import broadcast, change_header
from chalicelib.errors import BadRequest, NotFound, RateLimited, TooLarge

RETRY_WAITING_SECONDS = 2.0
MOST_OFFERS = 3  # of help on error pages, among the newest messages


def send_message(ports: Ports, connection: Connection, frame: protocol.SendMessage) -> list[Outgoing]:
    """Accept a person's message once: queued with its content, then stored, then `accepted`."""
    content = _checked_content(ports, frame.content)
    page = protocol.decode_context(frame.context)
    tail = log.read(ports, connection.session_id, log.ACCEPT_TAIL)
    known = log.question_of(frame.client_message_id, tail.messages)
    if known is None and _admit(ports, connection, tail, frame.client_message_id):
        since = ports.clock.now() - SEEN_SECONDS * 1000
        known = log.look_back(ports, tail, frame.client_message_id, since)
    if known:
        return _accepted_before(ports, tail, known)
    turn = Turn(
        session_id=connection.session_id,
        client_message_id=frame.client_message_id,
        turn_id=ports.ids.new(),
        content=content,
        at=ports.clock.now(),
        page=page or tail.header.page,
    )
    ports.telemetry.step("accept.admitted", session=turn.session_id)
    ports.queue.send(model.encode_turn(turn), turn.session_id, model.deduplication_id(turn))
    ports.telemetry.step("accept.queued", session=turn.session_id)
    stored = log.append_question(ports, tail, turn)
    ports.telemetry.step("accept.stored", session=turn.session_id)
    ports.telemetry.count(MessagesIn=1)
    broadcast(ports, tail, stored.message, but=connection.connection_id)
    return [_accepted(ports, stored.message, duplicate=stored.message.turn_id != turn.turn_id)]


def update_context(ports: Ports, connection: Connection, frame: protocol.UpdateContext) -> list[Outgoing]:
    """Remember the page; on an error page offer help, once a page."""
    page = protocol.decode_context(frame.context)
    if page is None:
        raise BadRequest(fields=("context",))
    tail = log.read(ports, connection.session_id, log.ACCEPT_TAIL)
    change_header(ports, tail.header, lambda header: replace(header, page=page))
    if pages.kind_of(page) == "error" and not _offered(tail, page):
        broadcast(ports, tail, _offer(ports, tail, page))
    return []


def typing(ports: Ports, connection: Connection, frame: protocol.Typing) -> list[Outgoing]:
    """Shown to those of the team who watch; nothing is stored."""
    header = log.read(ports, connection.session_id, 1).header
    shown = frames.encode(frames.TypingFrame(at=_now(ports), is_typing=frame.is_typing, sender="user"))
    for socket in header.watchers:
        ports.outbox.post(socket, shown)
    return []


def give_feedback(ports: Ports, connection: Connection, frame: protocol.GiveFeedback) -> list[Outgoing]:
    tail = log.read(ports, connection.session_id, log.ACCEPT_TAIL)
    if _find(ports, connection, tail, frame.message_id, "messageId").sender != "assistant":
        raise NotFound(fields=("messageId",))
    note = Note(
        session_id=connection.session_id,
        key=f"feedback#{frame.message_id}",
        at=ports.clock.now(),
        kind="feedback",
        message_id=frame.message_id,
        helpful=frame.helpful,
        origin=origin_of(tail.header),
    )
    ports.sessions.save_note(note)
    ports.telemetry.count(HelpfulAnswers=float(frame.helpful), UnhelpfulAnswers=float(not frame.helpful))
    return [frames.FeedbackSaved(at=_now(ports), message_id=frame.message_id, helpful=frame.helpful)]


def rate_session(ports: Ports, connection: Connection, frame: protocol.RateSession) -> list[Outgoing]:
    """Keep 1–5 stars and a comment; a later rating replaces an earlier one."""
    tail = log.read(ports, connection.session_id, 1)
    note = Note(
        session_id=connection.session_id,
        key="rating",
        at=ports.clock.now(),
        kind="rating",
        rating=frame.rating,
        comment=protocol.clean(frame.comment),
        origin=origin_of(tail.header),
    )
    ports.sessions.save_note(note)
    ports.telemetry.count(Ratings=1, RatingStars=frame.rating)
    return [frames.RatingSaved(at=_now(ports), rating=frame.rating)]


def track_action(ports: Ports, connection: Connection, frame: protocol.TrackAction) -> list[Outgoing]:
    tail = log.read(ports, connection.session_id, 1)
    at = ports.clock.now()
    note = Note(
        session_id=connection.session_id,
        key=f"action#{at}#{ports.ids.new()}",
        at=at,
        kind="action",
        message_id=frame.message_id or "",
        target=protocol.clean(frame.target),
        target_kind=frame.kind,
        origin=origin_of(tail.header),
    )
    ports.sessions.save_note(note)
    return []


def load_history(ports: Ports, connection: Connection, frame: protocol.LoadHistory) -> list[Outgoing]:
    """The messages before one the browser has, the newest that fit in a frame."""
    tail = log.read(ports, connection.session_id, log.ACCEPT_TAIL)
    known = _find(ports, connection, tail, frame.before, "before")
    earlier = ports.sessions.before(connection.session_id, known.seq, frame.limit)
    shown = frames.newest_that_fit([frames.message_frame(m) for m in earlier])
    more = bool(shown) and shown[0].seq > 1
    return [frames.History(at=_now(ports), messages=tuple(shown), more=more)]


def cancel_reply(ports: Ports, connection: Connection, frame: protocol.CancelReply) -> list[Outgoing]:
    """End a reply, being written or still waiting, with the words that were shown so far."""
    tail = log.read(ports, connection.session_id, log.REPLY_TAIL)
    wanted, seq = _own_place(connection, frame.message_id, "messageId")
    near = log.near(ports, tail, seq)
    question = next((m for m in near if m.message_id == wanted and m.sender == "user"), None)
    if question is None:
        raise NotFound(fields=("messageId",))
    settled = outcome_of(wanted, near)
    if settled:
        return [frames.message_frame(settled)]
    endings.cancel(ports, tail, question)
    return []


def end_session(ports: Ports, connection: Connection, frame: protocol.EndSession) -> list[Outgoing]:
    """End what is being written or waits, then close the log: nothing can follow."""
    tail = endings.close(ports, log.read(ports, connection.session_id, log.REPLY_TAIL))
    ended = frames.SessionEnded(at=_now(ports), session_id=connection.session_id)
    for socket in tail.header.audience:
        if socket != connection.connection_id:
            ports.outbox.post(socket, frames.encode(ended))
    return [ended]


def ping(ports: Ports, frame: protocol.Ping) -> list[Outgoing]:
    return [frames.Pong(at=_now(ports), nonce=UNSET if frame.nonce is None else frame.nonce)]


def _checked_content(ports: Ports, content: str) -> str:
    """The message as it is stored. Raises TooLarge or, when nothing is left of it, BadRequest."""
    if len(content) > ports.settings.max_message_length:
        raise TooLarge(fields=("content",))
    cleaned = protocol.clean(content)
    if not cleaned:
        raise BadRequest(fields=("content",))
    return cleaned


def _admit(ports: Ports, connection: Connection, tail: Tail, client_message_id: str) -> bool:
    """Whether the message has come before. Raises RateLimited when too many wait, or came, from here."""
    settings = ports.settings
    if len(questions_without_outcome(tail.messages)) > settings.max_waiting_turns:
        raise RateLimited(retry_after=RETRY_WAITING_SECONDS)
    per_minute = settings.rate_limit_messages_per_minute
    buckets = (
        Bucket(f"person:{connection.owner}", per_minute, per_minute + settings.rate_limit_burst),
        Bucket(f"address:{connection.ip}", settings.rate_limit_per_ip, settings.rate_limit_per_ip),
    )
    taken = ports.limiter.take(buckets, f"{connection.session_id}#{client_message_id}")
    wait = taken.wait
    if not wait and not ports.limiter.available:
        wait = _wait_by_log(ports, tail, buckets[0])
    if wait:
        raise RateLimited(retry_after=wait)
    return taken.seen


def _wait_by_log(ports: Ports, tail: Tail, person: Bucket) -> float:
    """Seconds to wait when each process counts for itself: the tail has the person's messages of the last minute."""
    minute_ago = ports.clock.now() - 60_000
    recent = [m.at for m in tail.messages if m.sender == "user" and m.at > minute_ago]
    return (recent[0] - minute_ago) / 1000 if len(recent) >= min(person.capacity, log.ACCEPT_TAIL // 2) else 0.0


def _accepted_before(ports: Ports, tail: Tail, question: Message) -> list[Outgoing]:
    """A message sent again: its acceptance, and its reply when there is one."""
    settled = outcome_of(question.message_id, log.near(ports, tail, question.seq))
    answered = [frames.message_frame(settled)] if settled else []
    return [_accepted(ports, question, duplicate=True), *answered]


def _accepted(ports: Ports, question: Message, *, duplicate: bool) -> frames.Accepted:
    return frames.Accepted(
        at=_now(ports),
        client_message_id=question.client_message_id,
        message_id=question.message_id,
        seq=question.seq,
        duplicate=duplicate,
    )


def _offered(tail: Tail, page: Page) -> bool:
    """Whether help was offered on this page already, or often enough."""
    offers = [m for m in tail.messages if m.sender == "assistant" and m.page]
    return len(offers) >= MOST_OFFERS or any(m.page and m.page.url == page.url for m in offers)


def _offer(ports: Ports, tail: Tail, page: Page) -> Message:
    return log.append_notice(
        ports,
        tail,
        sender="assistant",
        at=ports.clock.now(),
        content=greetings.offer(tail.header, page),
        suggestions=greetings.suggestions(tail.header, page),
        page=page,
    )


def _own_place(connection: Connection, message_id: str, field: str) -> tuple[str, int]:
    """The id of the question (or notice) a message id belongs to, and its `seq`. Raises NotFound naming `field`."""
    try:
        session_id, seq, role = place_of(message_id)
    except ValueError:
        raise NotFound(fields=(field,)) from None
    if session_id != connection.session_id:
        raise NotFound(fields=(field,))
    return (question_id(session_id, seq) if role == "a" else message_id), seq


def _find(ports: Ports, connection: Connection, tail: Tail, message_id: str, field: str) -> Message:
    """A message of this conversation by its id. Raises NotFound naming `field`."""
    _, seq = _own_place(connection, message_id, field)
    found = next((m for m in log.near(ports, tail, seq) if m.message_id == message_id), None)
    if found is None:
        raise NotFound(fields=(field,))
    return found


def _now(ports: Ports) -> str:
    return frames.timestamp(ports.clock.now())
