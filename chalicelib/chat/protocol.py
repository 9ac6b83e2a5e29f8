"""What a browser sends (docs/protocol.md, version 1), decoded and checked in one pass."""

import unicodedata
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct, field

from chalicelib.chat.model import Page
from chalicelib.errors import BadRequest, TooLarge, UnknownAction

MAX_FRAME_BYTES = 32 * 1024
MAX_CONTEXT_BYTES = 10_000
MAX_CONTEXT_DEPTH = 5

Token = Annotated[str, Meta(max_length=4096)]
ClientMessageId = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
MessageId = Annotated[str, Meta(min_length=1, max_length=128)]


def _no_context() -> Raw:
    return Raw(b"null")


class _Incoming(Struct, frozen=True, kw_only=True, rename="camel", tag_field="action"):
    """A frame from a browser; unknown fields are ignored, so that newer clients can talk to older servers."""


class StartSession(_Incoming, tag="startSession", frozen=True):
    resume_token: Token | None = None
    identity_token: Token | None = None
    locale: Annotated[str, Meta(max_length=35)] | None = None
    context: Raw = field(default_factory=_no_context)
    operator_token: Token | None = None
    watch: MessageId | None = None  # with `operatorToken`: the conversation to see
    last_seq: Annotated[int, Meta(ge=0, lt=10**10)] | None = None


class SendMessage(_Incoming, tag="sendMessage", frozen=True):
    client_message_id: ClientMessageId
    content: str
    context: Raw = field(default_factory=_no_context)


class UpdateContext(_Incoming, tag="updateContext", frozen=True):
    context: Raw


class Typing(_Incoming, tag="typing", frozen=True):
    is_typing: bool


class GiveFeedback(_Incoming, tag="giveFeedback", frozen=True):
    message_id: MessageId
    helpful: bool


class RateSession(_Incoming, tag="rateSession", frozen=True):
    rating: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(max_length=1000)] = ""


class TrackAction(_Incoming, tag="trackAction", frozen=True):
    kind: Literal["link", "service", "button"]
    target: Annotated[str, Meta(min_length=1, max_length=2048)]
    message_id: MessageId | None = None


class LoadHistory(_Incoming, tag="loadHistory", frozen=True):
    before: MessageId
    limit: Annotated[int, Meta(ge=1, le=50)] = 50


class CancelReply(_Incoming, tag="cancelReply", frozen=True):
    message_id: MessageId


class EndSession(_Incoming, tag="endSession", frozen=True):
    pass


class Ping(_Incoming, tag="ping", frozen=True):
    nonce: Annotated[str, Meta(max_length=200)] | int | None = None


Incoming = (
    StartSession
    | SendMessage
    | UpdateContext
    | Typing
    | GiveFeedback
    | RateSession
    | TrackAction
    | LoadHistory
    | CancelReply
    | EndSession
    | Ping
)
ACTIONS: dict[str, type[_Incoming]] = {str(kind.__struct_config__.tag): kind for kind in _Incoming.__subclasses__()}


class _Envelope(Struct, rename="camel"):
    action: Any = None
    client_message_id: Any = None


class Context(Struct, frozen=True, rename="camel"):
    """The page a browser is on, as it says; what a frame's `context` holds."""

    url: Annotated[str, Meta(max_length=2048)] = ""
    title: Annotated[str, Meta(max_length=500)] | None = None
    referrer: Annotated[str, Meta(max_length=2048)] | None = None
    error_status: Annotated[int, Meta(ge=100, le=599)] | None = None
    locale: Annotated[str, Meta(max_length=35)] | None = None


def decode(body: str) -> _Incoming:
    """Decode one text frame.

    Raises TooLarge, UnknownAction or BadRequest (with the field that is wrong, where one can be named).
    """
    data = _encoded(body)
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
        frame_type = ACTIONS.get(envelope.action) if isinstance(envelope.action, str) else None
        if frame_type is None:
            raise UnknownAction(fields=("action",))
        return msgspec.json.decode(data, type=frame_type)
    except msgspec.ValidationError as error:
        raise BadRequest(fields=_field_named_in(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest from error


def client_message_id(body: str) -> str | None:
    """The `clientMessageId` of a frame that may be broken otherwise, for the error that answers it."""
    try:
        found = msgspec.json.decode(_encoded(body), type=_Envelope).client_message_id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, BadRequest, TooLarge):
        return None
    return found if isinstance(found, str) and len(found) <= 64 else None


def decode_context(raw: Raw) -> Page | None:
    """The page of a frame's `context`; None when there is none. Raises BadRequest or TooLarge."""
    data = bytes(raw)
    if len(data) > MAX_CONTEXT_BYTES:
        raise TooLarge(fields=("context",))
    try:
        if _depth(msgspec.json.decode(data)) > MAX_CONTEXT_DEPTH:
            raise BadRequest(fields=("context",))
        context = msgspec.json.decode(data, type=Context | None)
    except msgspec.MsgspecError as error:
        raise BadRequest(fields=("context",)) from error
    except RecursionError as error:
        raise BadRequest(fields=("context",)) from error
    if context is None:
        return None
    return Page(
        url=context.url,
        title=clean(context.title or ""),
        referrer=context.referrer or "",
        error_status=context.error_status,
        locale=context.locale or "",
    )


def clean(text: str) -> str:
    """Text as it is stored: composed (NFC), without control characters, without blank ends."""
    kept = [c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")]
    if all(c.isspace() or unicodedata.category(c) == "Cf" for c in kept):  # only invisible ones
        return ""
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def _encoded(body: str) -> bytes:
    try:
        data = body.encode()
    except UnicodeEncodeError as error:  # a lone surrogate
        raise BadRequest from error
    if len(data) > MAX_FRAME_BYTES:
        raise TooLarge
    return data


def _field_named_in(error: msgspec.ValidationError) -> tuple[str, ...]:
    """msgspec names the place at the end of its text: "… - at `$.rating`", or the missing field in it."""
    text = str(error)
    place = text.rpartition("`$.")[2].rstrip("`") if "`$." in text else ""
    missing = text.split("`")[1] if "missing required field" in text else ""
    return tuple(name for name in (place or missing,) if name)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0
