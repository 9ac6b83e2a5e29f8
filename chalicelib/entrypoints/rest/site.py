"""The plain chat page at `/`: static files that need no build."""

from functools import lru_cache
from importlib.resources import files

from chalice.app import Blueprint, Response

from chalicelib import services

blueprint = Blueprint(__name__)

TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
SOCKET_PLACE = '<meta name="socket-url" content="'


@blueprint.route("/")
def page() -> Response:
    html = _file("index.html") or ""
    return _served(html.replace(SOCKET_PLACE, SOCKET_PLACE + services.current().settings.socket_url), "html", 200)


@blueprint.route("/{name}")
def asset(name: str) -> Response:
    content = _file(name)
    if content is None:
        return _served("<!doctype html><title>404</title><p>Página não encontrada. <a href='/'>Voltar</a>", "html", 404)
    return _served(content, name.rpartition(".")[2], 200)


@lru_cache
def _file(name: str) -> str | None:
    """A file of the page's folder; None for anything else, so that no path leads out of it."""
    folder = files("chalicelib") / "page"
    known = {item.name: item for item in folder.iterdir() if item.name.rpartition(".")[2] in TYPES}
    return known[name].read_text("utf-8") if name in known else None


def _served(content: str, kind: str, status: int) -> Response:
    headers: dict[str, str | list[str]] = {
        "Content-Type": f"{TYPES[kind]}; charset=utf-8",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }
    return Response(body=content, status_code=status, headers=headers)
