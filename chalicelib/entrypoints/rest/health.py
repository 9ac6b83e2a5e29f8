"""How this assistant runs: alive, the state of each dependency, the settings in force."""

import re

from chalice.app import Blueprint, Response
from msgspec import Struct

from chalicelib import services
from chalicelib.chat.sessions import OPEN_SESSIONS
from chalicelib.entrypoints.rest.operations import Answer, Call, operation
from chalicelib.errors import ChatError
from chalicelib.settings import SECRETS, Settings, about, takes

blueprint = Blueprint(__name__)

Value = str | bool | int | float | tuple[str, ...] | None
_DEFAULTS = Settings()
_LOGIN = re.compile(r"(?<=://)[^/\s@]+@")  # an address may carry a name and a password


class Setting(Struct, frozen=True, kw_only=True, rename="camel"):
    """`changed`: its value is not the default. Of a secret only that is told: neither value nor default."""

    name: str
    value: Value
    default: Value
    changed: bool
    secret: bool
    takes: str
    description: str


class SettingList(Struct, frozen=True, rename="camel"):
    items: tuple[Setting, ...]
    next_cursor: str | None = None


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


@operation(blueprint, "GET", "/settings", answers={200: SettingList})
def list_settings(call: Call) -> Answer:
    """The settings in force, in the order of their documentation; of secrets only whether they are set."""
    settings = call.services.settings
    return Answer(200, SettingList(tuple(_setting(settings, name) for name in Settings.__struct_fields__)))


def _setting(settings: Settings, name: str) -> Setting:
    value, default, secret = getattr(settings, name), getattr(_DEFAULTS, name), name in SECRETS
    return Setting(
        name=name.upper(),
        value=None if secret else _LOGIN.sub("", value) if isinstance(value, str) else value,
        default=None if secret else default,
        changed=value != default,
        secret=secret,
        takes=takes(name) if takes(name) != about(name) else "text",
        description=about(name),
    )
