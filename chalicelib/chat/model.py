"""The values of a conversation: frozen, without behaviour beyond what follows from their own data.

Times are whole milliseconds since 1970 UTC. A message's place in its conversation is `seq`, from 1 without holes.
"""

from typing import Literal

import msgspec
from msgspec import Struct

from chalicelib.analytics.facts import Earlier

UserType = Literal["client", "provider", "anonymous"]
Sender = Literal["user", "assistant", "system", "operator"]
Kind = Literal["message", "closed", "taken_over", "released", "held"]  # held: the outcome while a person answers
Finish = Literal["complete", "fallback", "cancelled", "truncated"]


class Page(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What the browser says of the page it is on."""

    url: str = ""
    title: str = ""
    referrer: str = ""
    error_status: int | None = None
    locale: str = ""


class Connection(Struct, frozen=True, kw_only=True):
    """One open socket, and whose it is."""

    connection_id: str
    session_id: str
    owner: str
    ip: str
    locale: str
    user_type: UserType = "anonymous"
    operator: str = ""  # who watches, when it is somebody of the team


class Header(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a conversation beside its log. `version` grows with each write and guards it."""

    session_id: str
    owner: str  # "user:<sub>" or "visitor:<random>"
    user_type: UserType
    locale: str
    created_at: int
    name: str = ""
    generation: int = 0  # resume tokens of an older generation are void
    resumed_at: int = 0
    sockets: tuple[str, ...] = ()
    page: Page | None = None
    preferences: dict[str, str] = {}
    earlier: Earlier | None = None
    watchers: tuple[str, ...] = ()  # sockets of operators
    handoff: Literal["", "waiting", "held", "released"] = ""
    operator: str = ""  # who holds it
    speaker: str = ""  # the name the person sees
    version: int = 0

    @property
    def audience(self) -> tuple[str, ...]:
        """Every socket that sees what is said."""
        return (*self.sockets, *self.watchers)


class Origin(Struct, frozen=True, omit_defaults=True):
    """Of whose conversation an item of it is, as that was when the item was written."""

    user_type: UserType
    started_at: int
    earlier: Earlier | None = None  # on the person's first message, when they had another conversation before


class Action(Struct, frozen=True, rename="camel"):
    label: str
    url: str


class Source(Struct, frozen=True, rename="camel", omit_defaults=True):
    entry_id: str
    version: int
    title: str
    url: str = ""


class Contact(Struct, frozen=True, rename="camel"):
    email: str
    phone: str
    whatsapp: str
    hours: str


class Retrieved(Struct, frozen=True):
    """One entry that was found for a question, with its score."""

    entry_id: str
    version: int
    score: float


class Answer(Struct, frozen=True):
    """An answer that several people may get."""

    content: str
    actions: tuple[Action, ...] = ()
    sources: tuple[Source, ...] = ()
    suggestions: tuple[str, ...] = ()


class Provenance(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a reply came about: enough to explain it later without its content.

    `timings` are milliseconds from the moment the worker took the turn.
    """

    model: str
    prompt_version: str
    intent: str
    retrieved: tuple[Retrieved, ...] = ()
    confidence: float = 0.0
    answerable: bool = False
    known: bool = False  # there was something to say without a model
    follow_up: bool = False  # the question left its subject out, and was given that of the conversation or the page
    attempt: int = 1
    waited_ms: int = 0
    timings: dict[str, int] = {}
    failures: tuple[str, ...] = ()
    prompt_tokens: int = 0
    reply_tokens: int = 0
    cost_usd: float = 0.0
    escalation: str = ""


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item of the log: something said, or a notice such as `closed`."""

    session_id: str
    seq: int
    message_id: str
    sender: Sender
    at: int
    content: str = ""
    kind: Kind = "message"
    client_message_id: str = ""
    turn_id: str = ""
    in_reply_to: str = ""
    page: Page | None = None
    actions: tuple[Action, ...] = ()
    sources: tuple[Source, ...] = ()
    suggestions: tuple[str, ...] = ()
    finish: Finish | None = None
    cached: bool = False
    escalated: bool = False
    contact: Contact | None = None
    provenance: Provenance | None = None
    origin: Origin | None = None


class Tail(Struct, frozen=True):
    """The header and the newest messages of a conversation, oldest first, read consistently."""

    header: Header
    messages: tuple[Message, ...]

    @property
    def last_seq(self) -> int:
        return self.messages[-1].seq if self.messages else 0

    @property
    def last_at(self) -> int:
        """When somebody last did something here."""
        newest = self.messages[-1].at if self.messages else 0
        return max(newest, self.header.resumed_at, self.header.created_at)

    @property
    def closed(self) -> bool:
        return bool(self.messages) and self.messages[-1].kind == "closed"


class Turn(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question on its way through the queue, with all that is needed to store and to answer it."""

    session_id: str
    client_message_id: str
    turn_id: str
    content: str
    at: int
    page: Page | None = None
    seq: int = 0  # of the stored question, when it is queued again


class Note(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something said about a conversation rather than in it; `key` decides what it replaces."""

    session_id: str
    key: str
    at: int
    kind: Literal["feedback", "rating", "action"]
    message_id: str = ""
    helpful: bool | None = None
    rating: int | None = None
    comment: str = ""
    target: str = ""
    target_kind: str = ""
    origin: Origin | None = None


class Handoff(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Somebody who waits for a person, or has one. Times are ms; `contact` is what they left to be called back by."""

    session_id: str
    at: int
    reason: str  # person, strong
    summary: str
    user_type: UserType
    name: str = ""
    locale: str = ""
    contact: str = ""
    operator: str = ""


def origin_of(header: Header) -> Origin:
    return Origin(header.user_type, header.created_at)


def question_id(session_id: str, seq: int) -> str:
    return f"{session_id}-{seq}q"


def reply_id(question: Message) -> str:
    """The id of the one reply to `question`; known before the reply has a place of its own."""
    return f"{question.session_id}-{question.seq}a"


def notice_id(session_id: str, seq: int) -> str:
    """The id of what nobody asked for: greetings, offers, notices."""
    return f"{session_id}-{seq}n"


def place_of(message_id: str) -> tuple[str, int, str]:
    """Split an id into session, the `seq` it contains and its role (`q`, `a` or `n`).

    Raises ValueError for anything that is not such an id.
    """
    session_id, _, place = message_id.rpartition("-")
    seq, role = place[:-1], place[-1:]
    if not session_id or role not in ("q", "a", "n") or not seq.isascii() or not seq.isdigit() or len(seq) > 10:
        raise ValueError("not a message id")
    return session_id, int(seq), role


def questions_without_outcome(messages: tuple[Message, ...]) -> list[Message]:
    """The person's messages that nothing has answered yet, oldest first."""
    answered = {message.in_reply_to for message in messages if message.in_reply_to}
    return [m for m in messages if m.sender == "user" and m.message_id not in answered]


def outcome_of(question_id: str, messages: tuple[Message, ...]) -> Message | None:
    return next((m for m in messages if m.in_reply_to == question_id), None)


def encode_turn(turn: Turn) -> str:
    return msgspec.json.encode(turn).decode()


def decode_turn(body: str) -> Turn:
    """Raises msgspec.MsgspecError when the body is not a turn."""
    return msgspec.json.decode(body, type=Turn)


def deduplication_id(turn: Turn) -> str:
    """The queue's name for a turn: a browser may use one message id in two conversations."""
    return f"{turn.session_id}#{turn.client_message_id}"
