"""What can go wrong for a person, as values: each error carries data and knows no status number.

The codes are those of docs/protocol.md. The text a person sees is looked up by code in their
language (chat/texts); nothing from an exception's message ever reaches a browser.
"""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct, ValidationError


class ChatError(Exception):
    """An error that a client may be told about.

    `retry_after` is in seconds; `fields` names the parts of the request that were wrong.
    """

    code = "internal"

    def __init__(self, *, retry_after: float | None = None, fields: tuple[str, ...] = ()) -> None:
        super().__init__(self.code)
        self.retry_after = retry_after
        self.fields = fields


class BadRequest(ChatError):
    code = "bad_request"


class Invalid(BadRequest):
    """`details` says of each wrong field what is wrong with it, in words of ours."""

    def __init__(self, details: Mapping[str, str]) -> None:
        super().__init__(fields=tuple(details))
        self.details = dict(details)


class Fault(Struct, frozen=True):
    """What is wrong with a file: in which row (from 1, as a spreadsheet or an editor counts), field, and what."""

    row: int
    field: str
    detail: str


class BadRows(BadRequest):
    """Rows of a file are not valid; nothing of the file was taken in."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(fields=tuple(fault.field for fault in self.faults))


class UnknownAction(ChatError):
    code = "unknown_action"


class TooLarge(ChatError):
    code = "too_large"


class Unauthorized(ChatError):
    code = "unauthorized"


class Forbidden(ChatError):
    code = "forbidden"


class NoSession(ChatError):
    code = "no_session"


class SessionExpired(ChatError):
    """The conversation is over: closed by the person, or older than SESSION_TIMEOUT_HOURS."""

    code = "session_expired"


class RateLimited(ChatError):
    code = "rate_limited"


class AtCapacity(ChatError):
    code = "capacity"


class NotFound(ChatError):
    code = "not_found"


class Conflict(ChatError):
    code = "conflict"


class Stale(Conflict):
    """It was to change as somebody had read it, and has changed since."""


class Unavailable(ChatError):
    code = "unavailable"


class SettingsError(ValueError):
    """One or more settings are wrong; the text has a line for each, with its name and what it takes."""


def named(error: Exception) -> tuple[str, str]:
    """What msgspec, or a decoder, has against a value: field and detail. `$.links[0].url` → `links[0].url`."""
    text = str(error) if isinstance(error, ValidationError) else "not valid JSON"
    detail, _, place = text.partition(" - at `")
    name = re.search(r"field `([^`]+)`", detail)
    path = place.rstrip("`").removeprefix("$").removeprefix(".")
    return ".".join(filter(None, (path, name[1] if name else ""))), detail
