"""The @connections API: what a function uses to reach a browser by its connection id."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtime.connections import Description
from runtime.errors import Unreachable
from runtime.faults import Faults
from runtime.loopback import is_local
from runtime.peers import Peers
from runtime.rate import Rate
from runtime.wire import MESSAGE_LIMIT, Delivery

_PATH = re.compile(r"/([^/]+)/@connections/(.+)")
_ID = re.compile(r"[\w-]{15}=", re.ASCII)

_GONE = (HTTPStatus.GONE, "GoneException", "Gone")
_FORBIDDEN = (HTTPStatus.FORBIDDEN, "ForbiddenException", "Forbidden")
_MALFORMED = (HTTPStatus.BAD_REQUEST, "BadRequestException", "Invalid connectionId")
_NO_METHOD = (HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowedException", "Method Not Allowed")
_TOO_LARGE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "PayloadTooLargeException", "Message too long")
_UNREACHABLE = (HTTPStatus.SERVICE_UNAVAILABLE, "ServiceUnavailableException", "Redis does not answer")
_TOO_MANY = (HTTPStatus.TOO_MANY_REQUESTS, "LimitExceededException", "Rate exceeded")
_FAILED = (HTTPStatus.INTERNAL_SERVER_ERROR, "InternalServerErrorException", "Internal server error")
_PROBLEMS = {
    Delivery.GONE: _GONE,
    Delivery.FULL: (HTTPStatus.TOO_MANY_REQUESTS, "LimitExceededException", "The client's buffer is full"),
    Delivery.TOO_LARGE: _TOO_LARGE,
    Delivery.FAILED: _FAILED,
}


class Management:
    """HTTP as the botocore model of `apigatewaymanagementapi` has it. Signatures are not verified."""

    def __init__(self, stage: str, peers: Peers, rate: Rate, faults: Faults) -> None:
        self._stage = stage
        self._peers = peers
        self._rate = rate
        self._faults = faults
        self._methods = {"POST": self._post, "GET": self._get, "DELETE": self._delete}

    async def __call__(self, request: Request, stage: str, connection_id: str) -> Response:
        if stage != self._stage or not is_local(request):
            return _problem(*_FORBIDDEN)
        if not _ID.fullmatch(connection_id):
            return _problem(*_MALFORMED)
        if not self._rate.take():
            return _problem(*_TOO_MANY)
        if answer := self._faults.answer():
            return _problem(*_PROBLEMS[answer])
        method = self._methods.get(request.method)
        try:
            return await method(connection_id, request) if method else _problem(*_NO_METHOD)
        except Unreachable:
            return _problem(*_UNREACHABLE)

    async def _post(self, connection_id: str, request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MESSAGE_LIMIT:
                return _problem(*_TOO_LARGE)
        delivery = await self._peers.post(connection_id, body.decode(errors="replace"))
        return Response() if delivery is Delivery.SENT else _problem(*_PROBLEMS[delivery])

    async def _get(self, connection_id: str, _: Request) -> Response:
        found = await self._peers.describe(connection_id)
        return JSONResponse(_described(found)) if found else _problem(*_GONE)

    async def _delete(self, connection_id: str, _: Request) -> Response:
        return Response(status_code=204) if await self._peers.close(connection_id) else _problem(*_GONE)


def addressed(path: str) -> tuple[str, str] | None:
    """The stage and the connection id in a path of this API; None when the path is not of this API."""
    match = _PATH.fullmatch(path)
    return (match[1], match[2]) if match else None


def _described(found: Description) -> dict[str, Any]:
    identity = {"sourceIp": found.source_ip, "userAgent": found.user_agent}
    times = {"connectedAt": _iso(found.connected_at), "lastActiveAt": _iso(found.last_active_at)}
    return {**times, "identity": {name: value for name, value in identity.items() if value is not None}}


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _problem(status: HTTPStatus, error_type: str, text: str) -> Response:
    # boto3 takes the exception's class from this header and from nowhere else.
    return JSONResponse({"message": text}, status, {"x-amzn-ErrorType": error_type})
