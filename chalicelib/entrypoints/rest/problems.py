"""How an error looks over REST: `application/problem+json` (RFC 9457), with the fields that were wrong by name."""

import msgspec
from chalice.app import Response
from msgspec import Struct

from chalicelib import errors
from chalicelib.errors import BadRows, ChatError, Invalid

_KINDS: dict[type[ChatError], tuple[int, str, str]] = {
    errors.BadRequest: (400, "Bad Request", "Something in the request is not valid."),
    errors.Unauthorized: (401, "Unauthorized", "Send an administrator's key or token: `Authorization: Bearer …`."),
    errors.Forbidden: (403, "Forbidden", "Your role does not allow this."),
    errors.NotFound: (404, "Not Found", "There is no such thing."),
    errors.Conflict: (409, "Conflict", "What is there does not allow this."),
    errors.Stale: (412, "Precondition Failed", "It has changed since you read it: read it again."),
    errors.TooLarge: (413, "Content Too Large", "The body is larger than this takes."),
    errors.RateLimited: (429, "Too Many Requests", "Wait a little, then try again."),
    errors.Unavailable: (503, "Service Unavailable", "A service behind this one does not answer; try again."),
}
MOST_FAULTS = 1_000  # that an answer names
_INTERNAL = (500, "Internal Server Error", "This is a fault of ours; the log has it.")


class WrongField(Struct, frozen=True, omit_defaults=True):
    """`row` is there when a file was sent."""

    field: str
    detail: str
    row: int = 0


class Problem(Struct, frozen=True, omit_defaults=True):
    """RFC 9457; `errors` names what was wrong in the request."""

    title: str
    status: int
    detail: str
    errors: tuple[WrongField, ...] = ()


class MissingPrecondition(Exception):
    """A change without `If-Match`, which HTTP has a status of its own for."""


def response(error: Exception) -> Response:
    """The answer to a request that failed; nothing of an exception's own text gets out."""
    if isinstance(error, MissingPrecondition):
        detail = 'Say which version you change: `If-Match: "<version>"`, its ETag.'
        return _response(Problem("Precondition Required", 428, detail))
    kind = next((_KINDS[one] for one in type(error).__mro__ if one in _KINDS), _INTERNAL)
    status, title, detail = kind
    return _response(Problem(title, status, detail, _fields(error)))


def invalid(error: Exception) -> Invalid:
    """What msgspec, or whoever decodes text, has against a request."""
    field, detail = errors.named(error)
    return Invalid({field or "body": detail})


def _fields(error: Exception) -> tuple[WrongField, ...]:
    if isinstance(error, BadRows):
        return tuple(WrongField(fault.field, fault.detail, fault.row) for fault in error.faults[:MOST_FAULTS])
    if isinstance(error, Invalid):
        return tuple(WrongField(field, detail) for field, detail in error.details.items())
    fields = error.fields if isinstance(error, ChatError) else ()
    return tuple(WrongField(field, "not valid") for field in fields)


def _response(problem: Problem) -> Response:
    headers: dict[str, str | list[str]] = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(body=msgspec.json.encode(problem).decode(), status_code=problem.status, headers=headers)
