"""The socket's functions: parse, call one function by action, answer with frames."""

from collections.abc import Callable
from typing import Any

from chalice.app import Response, WebsocketEvent
from msgspec import UNSET

from chalicelib.chat import conversations, frames, handoffs, limits, protocol, sessions
from chalicelib.chat.frames import Outgoing
from chalicelib.chat.guards import origin_allowed
from chalicelib.chat.ports import Ports
from chalicelib.chat.texts import text
from chalicelib.entrypoints.rest.access import OPERATE, administrator
from chalicelib.errors import BadRequest, ChatError, Forbidden
from chalicelib.services import Services

ACTIONS: dict[type, Callable[..., list[Outgoing]]] = {
    protocol.SendMessage: conversations.send_message,
    protocol.UpdateContext: conversations.update_context,
    protocol.Typing: conversations.typing,
    protocol.GiveFeedback: conversations.give_feedback,
    protocol.RateSession: conversations.rate_session,
    protocol.TrackAction: conversations.track_action,
    protocol.LoadHistory: conversations.load_history,
    protocol.CancelReply: conversations.cancel_reply,
    protocol.EndSession: conversations.end_session,
}


def connect(event: WebsocketEvent, services: Services) -> Response:
    """Let a socket in, or refuse it with the status that the gateway gives to the handshake."""
    request = event.to_dict()
    headers = {name.lower(): value for name, value in request.get("headers", {}).items()}
    origin, host, settings = headers.get("origin"), headers.get("host"), services.settings
    if not origin_allowed(origin, host, settings.allowed_origins, settings.deployed):
        services.logger.warning("origin refused; name it in ALLOWED_ORIGINS to let it in", origin=origin, host=host)
        return Response(body="", status_code=403)
    try:
        limits.admit_socket(services.ports, event.connection_id, _ip(request))
    except ChatError as error:
        services.logger.warning("connection refused", code=error.code)
        return Response(body="", status_code=429)
    return Response(body="", status_code=200)


def message(event: WebsocketEvent, services: Services) -> Response:
    """Answer one frame: the frames of its action, or one `error`."""
    ports, connection_id = services.ports, event.connection_id
    try:
        answer = _dispatch(services, event)
    except ChatError as error:
        answer = [_error(ports, event, error)]
    except Exception:
        services.logger.exception("action failed")
        ports.telemetry.count(Errors=1)
        answer = [_error(ports, event, ChatError())]
    delivered = [ports.outbox.post(connection_id, frames.encode(frame)) for frame in answer]
    if not all(delivered):  # its `$disconnect` may have run before this: what was taken for it is given back
        sessions.leave(ports, connection_id)
    ports.telemetry.step("accept.sent")
    return Response(body="", status_code=200)


def disconnect(event: WebsocketEvent, services: Services) -> Response:
    sessions.leave(services.ports, event.connection_id, shown=True)
    return Response(body="", status_code=200)


def _dispatch(services: Services, event: WebsocketEvent) -> list[Outgoing]:
    ports = services.ports
    frame = protocol.decode(event.body)
    if isinstance(frame, protocol.Ping):
        return conversations.ping(ports, frame)
    if isinstance(frame, protocol.StartSession) and frame.operator_token is not None:
        return _watch(services, event, frame)
    if isinstance(frame, protocol.StartSession):
        return sessions.start(ports, event.connection_id, _ip(event.to_dict()), frame)
    connection = sessions.connection_of(ports, event.connection_id)
    if connection.operator:
        return handoffs.act(ports, connection, frame)
    if not isinstance(frame, protocol.SendMessage):  # which has limits of its own
        limits.admit_action(ports, connection)
    return ACTIONS[type(frame)](ports, connection, frame)


def _watch(services: Services, event: WebsocketEvent, frame: protocol.StartSession) -> list[Outgoing]:
    """An operator's browser: it sees a conversation, and answers in it once it is taken over."""
    who = administrator(services, f"Bearer {frame.operator_token}")
    if who.role not in OPERATE:
        raise Forbidden
    if frame.watch is None:
        raise BadRequest(fields=("watch",))
    return handoffs.watch(services.ports, event.connection_id, _ip(event.to_dict()), who.name, frame.watch)


def _error(ports: Ports, event: WebsocketEvent, error: ChatError) -> frames.Error:
    """An error as the browser may see it: a code, a text in its language, nothing of ours."""
    retry_after = UNSET if error.retry_after is None else round(error.retry_after, 3)
    return frames.Error(
        at=frames.timestamp(ports.clock.now()),
        code=error.code,
        message=text(_locale(ports, event.connection_id), f"error.{error.code}"),
        retry_after=retry_after,
        client_message_id=protocol.client_message_id(event.body) or UNSET,
        fields=error.fields or UNSET,
    )


def _locale(ports: Ports, connection_id: str) -> str:
    try:
        return sessions.connection_of(ports, connection_id).locale
    except ChatError:
        return ports.settings.locale


def _ip(request: dict[str, Any]) -> str:
    """The peer's address as the gateway saw it; never a header, which anybody can write."""
    return str(request["requestContext"]["identity"]["sourceIp"])
