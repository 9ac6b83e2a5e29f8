"""Opening, resuming and leaving a conversation, and who listens to it."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from chalicelib.analytics.facts import Earlier
from chalicelib.chat import frames, greetings, log, notices, protocol, tokens
from chalicelib.chat.frames import Outgoing
from chalicelib.chat.limits import CAPACITY_RETRY_SECONDS
from chalicelib.chat.model import Connection, Header, Message, Page, Tail
from chalicelib.chat.ports import Bucket, Place, Ports
from chalicelib.chat.texts import supported
from chalicelib.chat.tokens import Identity
from chalicelib.errors import AtCapacity, Forbidden, NoSession, RateLimited, Unavailable

MOST_MISSED = 50  # messages sent one by one to a returning browser
OPEN_SESSIONS = "sessions"


@dataclass(frozen=True)
class _Visit:
    """Who has come with what: a socket, its address, what it asks for, who it says it is, and the page it is on."""

    connection_id: str
    ip: str
    frame: protocol.StartSession
    identity: Identity | None
    page: Page | None


def start(ports: Ports, connection_id: str, ip: str, frame: protocol.StartSession) -> list[Outgoing]:
    """Open a conversation, or resume the one of the token; its frames come in the order they must be shown.

    A token of ours whose conversation is over starts a new one for the same person. Raises Forbidden for
    anybody else's, Unauthorized for a wrong identity, AtCapacity and RateLimited.
    """
    identity = _identity(ports, frame)
    visit = _Visit(connection_id, ip, frame, identity, protocol.decode_context(frame.context))
    resume = _resume(ports, frame)
    leave_conversation(ports, connection_id)
    tail = _resumed(ports, resume, identity) if resume else None
    if tail is None or _over(ports, tail):
        owner = (
            identity.owner
            if identity
            else (resume.owner if resume and resume.owner.startswith("visitor:") else _visitor(ports))
        )
        return _open(ports, visit, owner, _first_of(connection_id), tail)
    return _return(ports, visit, tail)


def leave(ports: Ports, connection_id: str, *, shown: bool = False) -> None:
    """A socket has closed: nobody writes to it any more. Safe to call twice, or for a socket never seen.

    `shown`: until now it was open, so its browser has shown what came."""
    at = ports.clock.now()
    ports.presence.leave(connection_id)
    connection = leave_conversation(ports, connection_id)
    if shown and connection and not connection.operator:
        notices.left(ports, connection.owner, at)


def leave_conversation(ports: Ports, connection_id: str) -> Connection | None:
    connection = ports.sessions.connection(connection_id)
    if connection is None:
        return None
    ports.sessions.drop_connection(connection_id)
    tail = ports.sessions.tail(connection.session_id, 1)
    if tail and connection_id in tail.header.audience:
        change_header(ports, tail.header, lambda header: _without(header, {connection_id}))
    return connection


def connection_of(ports: Ports, connection_id: str) -> Connection:
    """The conversation of a socket. Raises NoSession before `startSession`."""
    connection = ports.sessions.connection(connection_id)
    if connection is None:
        raise NoSession
    return connection


def broadcast(ports: Ports, tail: Tail, message: Message, but: str = "") -> None:
    """Send a stored message to every socket of its conversation, `but` one."""
    data = frames.encode(frames.message_frame(message))
    for socket in tail.header.audience:
        if socket != but:
            ports.outbox.post(socket, data)


def forget_sockets(ports: Ports, header: Header, gone: set[str]) -> None:
    """Stop writing to sockets that turned out to be gone; their `$disconnect` was lost."""
    if gone & set(header.audience):
        change_header(ports, header, lambda newest: _without(newest, gone))


def change_header(ports: Ports, header: Header, change: Callable[[Header], Header]) -> Header:
    """Apply `change` to the newest header, however many others change it at the same time."""
    for _ in range(log.MOST_CONFLICTS):
        changed = replace(change(header), version=header.version + 1)
        if ports.sessions.save_header(changed):
            return changed
        tail = ports.sessions.tail(header.session_id, 1)
        if tail is None:
            raise NoSession
        header = tail.header
    raise Unavailable


def _identity(ports: Ports, frame: protocol.StartSession) -> Identity | None:
    if frame.identity_token is None:
        return None
    return tokens.read_identity(frame.identity_token, ports.identity_keys, ports.clock.now())


def _resume(ports: Ports, frame: protocol.StartSession) -> tokens.Resume | None:
    if frame.resume_token is None:
        return None
    return tokens.read_resume(frame.resume_token, ports.token_keys)


def _visitor(ports: Ports) -> str:
    return f"visitor:{ports.ids.new()}"


def _resumed(ports: Ports, resume: tokens.Resume, identity: Identity | None) -> Tail | None:
    """The conversation of a token, None when it is gone. Raises Forbidden when it is not this person's."""
    tail = ports.sessions.tail(resume.session_id, 1)
    if tail is None:
        return None
    header = tail.header
    if resume.generation != header.generation or resume.owner != header.owner:
        raise Forbidden
    if header.owner.startswith("user:") and (identity is None or identity.owner != header.owner):
        raise Forbidden
    return tail


def _over(ports: Ports, tail: Tail) -> bool:
    return tail.closed or log.expires_at(ports, tail) <= ports.clock.now()


def _open(ports: Ports, visit: _Visit, owner: str, session_id: str, before: Tail | None) -> list[Outgoing]:
    frame, identity, page = visit.frame, visit.identity, visit.page
    limit = ports.settings.rate_limit_per_ip
    wait = ports.limiter.take((Bucket(f"openings:{visit.ip}", limit, limit),)).wait
    if wait:
        raise RateLimited(retry_after=wait)
    now = ports.clock.now()
    _arrive(ports, visit.connection_id, session_id, owner)
    header = Header(
        session_id=session_id,
        owner=owner,
        user_type=identity.user_type if identity else "anonymous",
        name=identity.name if identity else "",
        locale=supported(frame.locale or (page.locale if page else None), ports.settings.locale),
        created_at=now,
        sockets=(visit.connection_id,),
        page=page,
        earlier=Earlier(before.header.session_id, before.header.created_at) if before else None,
    )
    hello = log.notice(
        header,
        1,
        sender="assistant",
        at=now,
        content=greetings.greeting(header, ports.settings.assistant_name),
        suggestions=greetings.suggestions(header, page),
        page=page,
    )
    if not ports.sessions.create(header, hello):
        return _open_again(ports, visit, owner, session_id)
    _listen(ports, visit, header)
    ports.telemetry.count(SessionsStarted=1, ActiveSessions=ports.presence.count(OPEN_SESSIONS))
    return [
        _session_frame(ports, Tail(header, (hello,)), resumed=False, history=(hello,)),
        *notices.waiting(ports, header, known=before is not None or identity is not None),
    ]


def _open_again(ports: Ports, visit: _Visit, owner: str, session_id: str) -> list[Outgoing]:
    """This socket has opened a conversation before: the one to return to, unless it is over or another person's."""
    tail = ports.sessions.tail(session_id, 1)
    if tail is None:
        raise NoSession
    same = tail.header.owner == owner or (visit.identity is None and tail.header.owner.startswith("visitor:"))
    if same and not _over(ports, tail):
        return _return(ports, visit, tail)
    return _open(ports, visit, owner, ports.ids.new(), tail if same else None)


def _first_of(connection_id: str) -> str:
    """The id of a socket's first conversation: a start that comes twice, even at once, must not open two.

    Without `-`, like all ids: a spreadsheet would take one that begins so for a formula.
    """
    digest = hashlib.sha256(f"conversation of {connection_id}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode().replace("-", "_")


def _return(ports: Ports, visit: _Visit, tail: Tail) -> list[Outgoing]:
    connection_id, identity, session_id = visit.connection_id, visit.identity, tail.header.session_id
    _arrive(ports, connection_id, session_id, identity.owner if identity else tail.header.owner)

    def returned(header: Header) -> Header:
        header = replace(header, resumed_at=ports.clock.now(), page=visit.page or header.page)
        header = _signed_in(header, identity) if identity else header
        return replace(header, sockets=(*(s for s in header.sockets if s != connection_id), connection_id))

    before = tail.header
    header = change_header(ports, before, returned)
    if header.owner != before.owner:
        for socket in set(before.sockets) - {connection_id}:
            ports.sessions.drop_connection(socket)  # they were the visitor's: to them the conversation is gone
    _listen(ports, visit, header)
    ports.live.join(session_id, connection_id)
    # Read only now: a reply stored before this socket was registered is in the log, one stored after is sent to it.
    newest = ports.sessions.tail(session_id, ports.settings.max_history_messages)
    if newest is None:
        raise NoSession
    missed = _missed(ports, session_id, visit.frame.last_seq)
    shown = () if missed is not None else newest.messages
    return [
        _session_frame(ports, newest, resumed=True, history=shown),
        *(frames.message_frame(message) for message in missed or ()),
        *notices.waiting(ports, header, known=True),
    ]


def _signed_in(header: Header, identity: Identity) -> Header:
    """Bind the conversation to whom the host site says; tokens of the visitor it was are void from now on."""
    if header.owner != identity.owner:
        header = replace(header, generation=header.generation + 1, sockets=())
    return replace(
        header,
        owner=identity.owner,
        user_type=identity.user_type,
        name=identity.name or header.name,
    )


def _arrive(ports: Ports, connection_id: str, session_id: str, owner: str) -> None:
    places = (
        Place(OPEN_SESSIONS, session_id, ports.settings.max_concurrent_sessions),
        Place(f"owner:{owner}", connection_id, ports.settings.max_connections_per_user),
    )
    if not ports.presence.arrive(connection_id, places):
        raise AtCapacity(retry_after=CAPACITY_RETRY_SECONDS)


def _listen(ports: Ports, visit: _Visit, header: Header) -> None:
    who = {"owner": header.owner, "ip": visit.ip, "locale": header.locale, "user_type": header.user_type}
    ports.sessions.save_connection(
        Connection(connection_id=visit.connection_id, session_id=header.session_id, **who)  # type: ignore[arg-type]
    )


def _missed(ports: Ports, session_id: str, last_seq: int | None) -> list[Message] | None:
    """What came after `last_seq`; None when the browser has nothing, or has missed too much to be told one by one."""
    if last_seq is None:
        return None
    missed = ports.sessions.after(session_id, last_seq, MOST_MISSED + 1)
    return missed if len(missed) <= MOST_MISSED else None


def _session_frame(ports: Ports, tail: Tail, *, resumed: bool, history: tuple[Message, ...]) -> frames.SessionFrame:
    settings, header = ports.settings, tail.header
    expires_at = log.expires_at(ports, tail)
    shown = frames.newest_that_fit([frames.message_frame(message) for message in history])
    return frames.SessionFrame(
        at=frames.timestamp(ports.clock.now()),
        session_id=header.session_id,
        resume_token=tokens.sign_resume(header, ports.token_keys, expires_at),
        resumed=resumed,
        assistant_name=settings.assistant_name,
        user_type=header.user_type,
        locale=header.locale,
        history=tuple(shown),
        more=bool(shown) and shown[0].seq > 1,
        limits=frames.Limits(
            max_message_length=settings.max_message_length,
            max_frame_bytes=protocol.MAX_FRAME_BYTES,
            messages_per_minute=settings.rate_limit_messages_per_minute,
            burst=settings.rate_limit_burst,
        ),
        expires_at=frames.timestamp(expires_at),
    )


def _without(header: Header, gone: set[str]) -> Header:
    sockets, watchers = (tuple(s for s in some if s not in gone) for some in (header.sockets, header.watchers))
    return replace(header, sockets=sockets, watchers=watchers)
