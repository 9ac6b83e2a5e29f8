"""The demo site at `/`, the widget it embeds, and the plain chat page at `/chat`, which needs no build."""

import html
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from chalice.app import Blueprint, Response

from chalicelib import services

blueprint = Blueprint(__name__)

TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'self'; "
    "require-trusted-types-for 'script'; trusted-types lit-html"
)
HEADERS: dict[str, str | list[str]] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # host sites load the widget from here, and what it loads is fetched as modules are: across origins
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
FRESH, FOR_EVER = "no-cache", "public, max-age=31536000, immutable"  # an asset's name changes with its content
PLAIN, SITE, ASSETS = "page", "site", "site/assets"
NOT_BUILT = "The site is not built; `make run` builds it, and tells here if it cannot."


@blueprint.route("/")
def home() -> Response:
    page = _file(SITE, "home.html")
    return _page(page, 200) if page else _plain_page()


@blueprint.route("/chat")
def plain() -> Response:
    return _plain_page()


@blueprint.route("/assets/{name}")
def asset(name: str) -> Response:
    content = _file(ASSETS, name)
    return _served(content, name, 200, FOR_EVER) if content else _missing()


@blueprint.route("/{name}")
def named(name: str) -> Response:
    """A page of the site by its name, or a file beside it."""
    if page := _file(SITE, f"{name}.html"):
        return _page(page, 200)
    content = _file(SITE, name) or _file(PLAIN, name)
    return _served(content, name, 200, FRESH) if content else _missing()


def _missing() -> Response:
    page = _file(SITE, "404.html")
    return _page(page or "<!doctype html><title>404</title><p>404. <a href='{{root}}'>Voltar</a>", 404)


def _plain_page() -> Response:
    page = _file(PLAIN, "index.html") or ""
    told = "" if _file(SITE, "widget.js") or services.current().settings.deployed else why_not_built()
    return _page(page, 200, why=told and f'<p class="why">{html.escape(told)}</p>')


def why_not_built() -> str:
    return _file(SITE, "why.txt") or NOT_BUILT


def _page(text: str, status: int, why: str = "") -> Response:
    """A page with its places filled in."""
    settings = services.current().settings
    places = {"root": _root(), "socket": settings.socket_url, "assistant": settings.assistant_name}
    for name, value in places.items():
        text = text.replace(f"{{{{{name}}}}}", html.escape(value))
    return _served(text.replace("{{why}}", why), "page.html", status, FRESH)


def _root() -> str:
    """The address of `/`: on API Gateway the stage, and a custom domain's base path, come before it."""
    route, path = (blueprint.current_request.context[name].strip("/").split("/") for name in ("resourcePath", "path"))
    before = path[: len(path) - len(route)] if route != [""] else path
    return "/".join(["", *filter(None, before), ""])


@lru_cache
def _file(folder: str, name: str) -> str | None:
    """A file of one of our folders; None for anything else, so that no path leads out of them."""
    place = files("chalicelib") / folder
    if not place.is_dir():
        return None
    known = {item.name: item for item in place.iterdir() if item.is_file()}
    return known[name].read_text("utf-8") if name in known else None


def _served(content: str, name: str, status: int, cache: str) -> Response:
    etag = f'W/"{sha256(content.encode()).hexdigest()[:20]}"'  # weak: whatever compresses it may keep it
    kind = TYPES.get(name.rpartition(".")[2], "text/plain")
    headers = {**HEADERS, "Cache-Control": cache, "ETag": etag, "Content-Type": f"{kind}; charset=utf-8"}
    if status == 200 and etag in (blueprint.current_request.headers.get("if-none-match") or ""):
        # With its type: gateways put JSON where there is none, and a browser then refuses a script of another site.
        return Response(body="", status_code=304, headers=headers)
    return Response(body=content, status_code=status, headers=headers)
