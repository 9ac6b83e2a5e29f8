"""What a browser is sent (docs/protocol.md, version 1). An optional field that has no value is left out."""

from datetime import UTC, datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType

from chalicelib.chat.model import Action, Contact, Finish, Message, Sender, Source
from chalicelib.chat.people import Level

MAX_HISTORY_BYTES = 24 * 1024


class Outgoing(Struct, frozen=True, kw_only=True, rename="camel", tag_field="type"):
    at: str


class MessageFrame(Outgoing, tag="message", frozen=True):
    """A whole stored message, as `message` or inside `session` and `history`."""

    message_id: str
    seq: int
    sender: Sender
    content: str
    in_reply_to: str | UnsetType = UNSET
    client_message_id: str | UnsetType = UNSET
    notice: str | UnsetType = UNSET
    actions: tuple[Action, ...] = ()
    sources: tuple[Source, ...] = ()
    suggestions: tuple[str, ...] = ()
    finish: Finish | UnsetType = UNSET
    cached: bool = False
    escalated: bool = False
    contact: Contact | UnsetType = UNSET


class Limits(Struct, frozen=True, rename="camel"):
    """The numbers a browser must respect."""

    max_message_length: int
    max_frame_bytes: int
    messages_per_minute: int
    burst: int


class SessionFrame(Outgoing, tag="session", frozen=True):
    session_id: str
    resume_token: str
    resumed: bool
    assistant_name: str
    user_type: str
    locale: str
    history: tuple[MessageFrame, ...]
    more: bool
    limits: Limits
    expires_at: str


class Accepted(Outgoing, tag="accepted", frozen=True):
    client_message_id: str
    message_id: str
    seq: int
    duplicate: bool


class ReplyStarted(Outgoing, tag="replyStarted", frozen=True):
    message_id: str
    in_reply_to: str
    client_message_id: str
    attempt: int


class ReplyDelta(Outgoing, tag="replyDelta", frozen=True):
    message_id: str
    index: int
    text: str


class TypingFrame(Outgoing, tag="typing", frozen=True):
    is_typing: bool
    sender: Sender


class Notification(Outgoing, tag="notification", frozen=True):
    """Something for many people, outside any conversation; it may come twice, with the same id."""

    notification_id: str
    title: str
    body: str
    level: Level
    url: str | UnsetType = UNSET


class History(Outgoing, tag="history", frozen=True):
    messages: tuple[MessageFrame, ...]
    more: bool


class FeedbackSaved(Outgoing, tag="feedbackSaved", frozen=True):
    message_id: str
    helpful: bool


class RatingSaved(Outgoing, tag="ratingSaved", frozen=True):
    rating: int


class SessionEnded(Outgoing, tag="sessionEnded", frozen=True):
    session_id: str


class Pong(Outgoing, tag="pong", frozen=True):
    nonce: str | int | UnsetType = UNSET


class Error(Outgoing, tag="error", frozen=True):
    code: str
    message: str
    retry_after: float | UnsetType = UNSET
    client_message_id: str | UnsetType = UNSET
    fields: tuple[str, ...] | UnsetType = UNSET


def encode(frame: Outgoing) -> str:
    return msgspec.json.encode(frame).decode()


def timestamp(at: int) -> str:
    """Milliseconds since 1970 as ISO 8601 UTC with `Z`."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message_frame(message: Message) -> MessageFrame:
    """A stored message as a browser sees it; where it came from stays here."""
    return MessageFrame(
        at=timestamp(message.at),
        message_id=message.message_id,
        seq=message.seq,
        sender=message.sender,
        content=message.content,
        in_reply_to=message.in_reply_to or UNSET,
        client_message_id=message.client_message_id or UNSET,
        notice=message.kind if message.kind != "message" else UNSET,
        actions=message.actions,
        sources=message.sources,
        suggestions=message.suggestions,
        finish=message.finish or UNSET,
        cached=message.cached,
        escalated=message.escalated,
        contact=message.contact or UNSET,
    )


def newest_that_fit(frames: list[MessageFrame], budget: int = MAX_HISTORY_BYTES) -> list[MessageFrame]:
    """The longest run of newest messages whose JSON stays within `budget` bytes, oldest first."""
    kept: list[MessageFrame] = []
    for frame in reversed(frames):
        budget -= len(msgspec.json.encode(frame)) + 1
        if budget < 0:
            break
        kept.insert(0, frame)
    return kept
