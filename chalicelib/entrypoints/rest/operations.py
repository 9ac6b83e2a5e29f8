"""One REST operation: who may call it, what it takes, what it answers. Makes its route and describes it for OpenAPI."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from chalice.app import Blueprint, Request, Response

from chalicelib import services
from chalicelib.entrypoints.rest import cors, problems
from chalicelib.entrypoints.rest.access import READ, Administrator, Role, administrator
from chalicelib.errors import ChatError, Forbidden, Invalid, TooLarge
from chalicelib.knowledge.model import Entry
from chalicelib.services import Services

PREFIX = "/api/v1"
MAX_BODY_BYTES = 400_000  # an entry's 100 KB of content may be escaped in JSON, and it has other fields
MAX_UPLOAD_BYTES = 10_000_000  # what API Gateway takes; before a function on Lambda stand 6 MB
_ETAG = re.compile(r'"([0-9]{1,10})"')
OPERATIONS: list["Operation"] = []  # of all modules that were imported, in that order


class Upload(bytes):
    """A body that is taken as it is: a file."""


class Download(NamedTuple):
    """An answer that is a file: its text, content type and name. `link`: where else to get it, instead of the text."""

    text: str = ""
    kind: str = ""
    name: str = ""
    link: str = ""


class Operation(NamedTuple):
    """`answers`: status → the type of its body, None for an empty one. `body`, `query`: types, None for nothing.

    `files`: the content types of an Upload or a Download. `refusals`: statuses that nothing of the above tells.
    """

    name: str
    method: str
    path: str
    summary: str
    roles: frozenset[Role]
    answers: dict[int, Any]
    body: Any
    query: Any
    if_match: bool
    files: tuple[str, ...] = ()
    refusals: tuple[int, ...] = ()


class Call(NamedTuple):
    """A request, decoded; `version` is that of `If-Match`, 0 where the operation takes none."""

    services: Services
    who: Administrator
    body: Any
    query: Any
    version: int


class Answer(NamedTuple):
    status: int
    value: Any = None
    location: str = ""


def operation(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    answers: dict[int, Any],
    roles: frozenset[Role] = READ,
    body: Any = None,
    query: Any = None,
    if_match: bool = False,
    files: tuple[str, ...] = (),
    refusals: tuple[int, ...] = (),
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Make a function (Call, then the names in the path) a route; its docstring is the summary."""

    def register(function: Callable[..., Answer]) -> Callable[..., Answer]:
        summary = (function.__doc__ or "").strip()
        described = Operation(
            function.__name__, method, path, summary, roles, answers, body, query, if_match, files, refusals
        )
        OPERATIONS.append(described)

        def view(**names: str) -> Response:
            return _respond(described, function, blueprint.current_request, names)

        if path not in {one.path for one in OPERATIONS[:-1]}:
            _answer_preflights(blueprint, path)
        blueprint.route(PREFIX + path, methods=[method], name=function.__name__, content_types=["*/*"])(view)
        return function

    return register


def _answer_preflights(blueprint: Blueprint, path: str) -> None:
    def view(**names: str) -> Response:
        methods = {one.method for one in OPERATIONS if one.path == path}
        return cors.preflight(services.current().settings, blueprint.current_request, methods)

    blueprint.route(PREFIX + path, methods=["OPTIONS"], name=f"preflight {path}", content_types=["*/*"])(view)


def _respond(
    described: Operation, function: Callable[..., Answer], request: Request, names: dict[str, str]
) -> Response:
    """Parse, call, map; the one place that catches everything."""
    current = services.current()
    try:
        response = _response(function(_call(current, described, request), **names))
    except (ChatError, problems.MissingPrecondition) as error:
        response = problems.response(error)
    except Exception as error:
        current.logger.exception("request failed")
        response = problems.response(error)
    response.headers |= cors.headers(current.settings, request)
    return response


def _call(current: Services, described: Operation, request: Request) -> Call:
    who = administrator(current, request.headers.get("authorization", ""))
    if who.role not in described.roles:
        raise Forbidden
    query = _query(described.query, request.query_params) if described.query else None
    version = _version(request.headers.get("if-match", "")) if described.if_match else 0
    body = _body(described.body, request.raw_body) if described.body else None
    return Call(current, who, body, query, version)


def _body(kind: Any, raw: str | bytes) -> Any:
    raw = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    if kind is Upload and len(raw) <= MAX_UPLOAD_BYTES:
        return Upload(raw)
    if len(raw) > MAX_BODY_BYTES:
        raise TooLarge
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise problems.invalid(error) from error


def _query(kind: Any, given: Any) -> Any:
    """Query parameters are text; numbers and switches are read from it, and a name given twice is refused."""
    values: dict[str, str] = {}
    for name in given or ():
        values[name], *more = given.getlist(name)
        if more:
            raise Invalid({name: "given more than once"})
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise problems.invalid(error) from error


def _version(if_match: str) -> int:
    """`"3"` → 3."""
    if not if_match:
        raise problems.MissingPrecondition
    named = _ETAG.fullmatch(if_match)
    if named is None:
        raise Invalid({"If-Match": 'takes one version, as in `"3"`'})
    return int(named[1])


def _response(answer: Answer) -> Response:
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store"}
    if answer.location:
        headers["Location"] = PREFIX + answer.location
    if isinstance(answer.value, Entry):
        headers["ETag"] = f'"{answer.value.version}"'
    if isinstance(answer.value, Download):
        return _file(answer.value, headers)
    if answer.value is None:
        return Response(body="", status_code=answer.status, headers=headers)
    headers["Content-Type"] = "application/json"
    return Response(body=msgspec.json.encode(answer.value).decode(), status_code=answer.status, headers=headers)


def _file(file: Download, headers: dict[str, str | list[str]]) -> Response:
    if file.link:
        return Response(body="", status_code=302, headers={**headers, "Location": file.link})
    told = {"Content-Type": file.kind, "Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(body=file.text, status_code=200, headers={**headers, **told})
