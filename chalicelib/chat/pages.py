"""What kind of page the browser is on, from its address and error status."""

from typing import Literal
from urllib.parse import urlsplit

from chalicelib.chat.model import Page

PageKind = Literal["error", "home", "services", "orders", "profile", "dashboard", "contact", "auth", "other"]

_BY_PATH: tuple[tuple[str, PageKind], ...] = (
    ("/services", "services"),
    ("/meus-pedidos", "orders"),
    ("/painel-prestador", "dashboard"),
    ("/solicitacoes-prestador", "dashboard"),
    ("/perfil", "profile"),
    ("/contact", "contact"),
    ("/help-support", "contact"),
    ("/faq", "contact"),
    ("/entrar", "auth"),
    ("/cadastro", "auth"),
    ("/recuperar-senha", "auth"),
    ("/404", "error"),
    ("/500", "error"),
)


def path_of(page: Page | None) -> str:
    """The path of the page's address, "" when it has none that can be read."""
    try:
        return urlsplit(page.url).path if page else ""
    except ValueError:  # e.g. an unclosed bracket in the host
        return ""


def kind_of(page: Page | None) -> PageKind:
    if page is None:
        return "other"
    if page.error_status:
        return "error"
    path = path_of(page)
    if path in ("", "/"):
        return "home"
    return next((kind for prefix, kind in _BY_PATH if path.startswith(prefix)), "other")
