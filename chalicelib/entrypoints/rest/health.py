"""GET /api/v1/health: alive, and the state of each dependency."""

from chalice.app import Blueprint, Response

from chalicelib import services
from chalicelib.chat.sessions import OPEN_SESSIONS
from chalicelib.errors import ChatError

blueprint = Blueprint(__name__)


@blueprint.route("/api/v1/health")
def health() -> Response:
    """200 when the store answers, else 503. A cache or model that fails is reported; both are done without."""
    current = services.current()
    store = _store_state(current)
    ports = current.ports
    body = {
        "status": "ok" if store == "ok" else "degraded",
        "store": store,
        "cache": "ok" if current.shared.available() else "unavailable",
        "model": {"name": current.model.name, "state": "ok" if ports.breaker.closed(current.model.name) else "skipped"},
        "activeSessions": ports.presence.count(OPEN_SESSIONS),
    }
    return Response(body=body, status_code=200 if store == "ok" else 503, headers={"Cache-Control": "no-store"})


def _store_state(current: services.Services) -> str:
    try:
        current.sessions.tail("health", 1)
    except ChatError as error:
        return error.code
    return "ok"
