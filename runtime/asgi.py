"""What goes where: WebSockets, @connections, and everything else to REST."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from runtime import access
from runtime.control import PATH, Control
from runtime.gateway import Gateway
from runtime.management import Management, addressed
from runtime.rest import Rest


class Asgi:
    def __init__(self, gateway: Gateway, management: Management, rest: Rest, control: Control | None) -> None:
        self._gateway = gateway
        self._management = management
        self._rest = rest
        self._control = control
        self._draining = False

    def hold(self) -> None:
        """Answer no new REST requests."""
        self._draining = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._gateway(scope, receive, send)
            return
        request = Request(scope, receive)
        address = addressed(scope["path"])
        what = "@connections" if address else scope["raw_path"].decode("latin-1")[:200]
        with access.timed(f"{request.method} {what}", address[1] if address else "") as entry:
            response = await self._answer(request, address)
            entry.status = response.status_code
            await response(scope, receive, send)

    async def _answer(self, request: Request, address: tuple[str, str] | None) -> Response:
        try:
            if address:  # while draining too: functions that still run may go on writing to their browsers
                return await self._management(request, *address)
            if self._control and request.url.path == PATH:
                return await self._control(request)
            if self._draining:
                return JSONResponse({"message": "Service Unavailable"}, 503, {"connection": "close"})
            return await self._rest(request)
        except ClientDisconnect:
            return Response(status_code=499)
