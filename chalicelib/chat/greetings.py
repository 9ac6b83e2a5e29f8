"""The first words of a conversation, and the offer of help on a page that failed."""

from chalicelib.chat import pages
from chalicelib.chat.model import Header, Page
from chalicelib.chat.texts import choices, text


def greeting(header: Header, assistant: str) -> str:
    """Who is speaking, and what can be done on the page the person is on."""
    kind = pages.kind_of(header.page)
    hello = text(header.locale, "greeting.hello", name=called(header), assistant=assistant)
    return f"{hello} {_purpose(header.locale, kind, header.page)}"


def offer(header: Header, page: Page) -> str:
    """Help offered unasked on an error page."""
    return _purpose(header.locale, "error", page)


def suggestions(header: Header, page: Page | None) -> tuple[str, ...]:
    kind = pages.kind_of(page)
    if kind in ("error", "orders", "auth"):
        return choices(header.locale, f"suggestions.{kind}")
    return choices(header.locale, "suggestions.provider" if header.user_type == "provider" else "suggestions.client")


def called(header: Header) -> str:
    """`, Ana`, or nothing for somebody whose name is not known."""
    first = (header.name or header.preferences.get("name", "")).split(" ")[0]
    return f", {first}" if first else ""


def _purpose(locale: str, kind: pages.PageKind, page: Page | None) -> str:
    if kind == "error":
        status = page.error_status if page else None
        return text(locale, "greeting.error", status=f" ({status})" if status else "")
    return text(locale, f"greeting.{kind}")
