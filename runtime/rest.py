"""The REST half of API Gateway: HTTP requests go through Chalice's own local gateway."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LambdaEventConverter, LocalGateway, LocalGatewayException, RouteMatcher
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtime.errors import FunctionRaised, FunctionTimedOut
from runtime.events import Api
from runtime.invoke import Event, Functions

BODY_LIMIT = 10 * 1024 * 1024
_PEER = "x-forwarded-for"
_OURS = {"content-length", "transfer-encoding", "connection"}  # hop-by-hop, or counted from the body we send


class TooLarge(Exception):
    """A request's body is over the limit."""


class Rest:
    def __init__(self, chalice: Chalice, api: Api, functions: Functions) -> None:
        self._local = LocalGateway(chalice, Config.create(lambda_timeout=int(functions.seconds)))
        self._local.event_converter = _Converter(chalice, api)
        self._functions = functions

    async def __call__(self, request: Request) -> Response:
        try:
            body = await _body(request)
            work = partial(self._handle, _method(request), _target(request), _headers(request), body)
            return _response(await self._functions.call(work))
        except TooLarge:
            return JSONResponse({"message": "Request Too Long"}, 413)
        except FunctionRaised:
            return JSONResponse({"message": "Internal server error"}, 502)
        except FunctionTimedOut:
            return JSONResponse({"message": "Endpoint request timed out"}, 504)

    def _handle(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Event:
        try:
            answer: Event = self._local.handle_request(method, target, headers, body or None)
        except LocalGatewayException as refusal:
            return {"statusCode": refusal.CODE, "headers": refusal.headers, "body": refusal.body}
        return answer


class _Converter(LambdaEventConverter):
    """Chalice's events, with the caller that API Gateway would name and a body as API Gateway passes it."""

    def __init__(self, chalice: Chalice, api: Api) -> None:
        super().__init__(RouteMatcher(list(chalice.routes)), chalice.api.binary_types)
        self._api = api

    def create_lambda_event(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> dict[str, Any]:
        event: dict[str, Any] = super().create_lambda_event(method, path, headers, body)
        identity = {"sourceIp": headers[_PEER], "userAgent": headers.get("user-agent")}
        event["requestContext"].update(identity=identity, stage=self._api.stage, domainName=self._api.domain)
        if isinstance(event["body"], bytes):
            event["body"] = event["body"].decode(errors="replace")
        return event


def _method(request: Request) -> str:
    # A Chalice app has no HEAD routes; the server leaves the body out of the answer.
    return "GET" if request.method == "HEAD" else request.method


def _target(request: Request) -> str:
    path, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _headers(request: Request) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in request.headers.items():
        separator = "; " if name == "cookie" else ", "
        joined[name] = f"{joined[name]}{separator}{value}" if name in joined else value
    # The peer replaces whatever the client claims to be forwarded for: nothing in front of us is trusted.
    joined[_PEER] = request.client.host if request.client else ""
    return joined


async def _body(request: Request) -> bytes:
    if int(request.headers.get("content-length", "0")) > BODY_LIMIT:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise TooLarge
    return bytes(body)


def _response(answer: Event) -> Response:
    response = Response(_content(answer), answer["statusCode"])
    for name, value in (answer.get("headers") or {}).items():
        if name.lower() not in _OURS:
            response.headers[name] = str(value)
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        for value in values:
            response.headers.append(name, str(value))
    response.headers.setdefault("content-type", "application/json")
    return response


def _content(answer: Event) -> bytes:
    body = answer.get("body") or b""
    if answer.get("isBase64Encoded"):
        return base64.b64decode(body)
    return body if isinstance(body, bytes) else str(body).encode()
