"""A real Chromium for the page; whatever a test sees, the console must stay free of errors."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebSocketRoute

from tests.server import Server

OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, server: Server) -> Iterator[OpenPage]:
    """Open the plain chat page as somebody new: `open_page("?erro=404", locale="en-US")`.

    `socket` answers in the server's place, `script` runs before the page's own.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "WebSocket connection" not in message.text:
            errors.append(message.text)

    def begin(
        path: str = "",
        *,
        url: str = "",
        socket: Callable[[WebSocketRoute], None] | None = None,
        script: str = "",
        **options: object,
    ) -> Page:
        context = chromium.new_context(**{"locale": "pt-BR", "viewport": {"width": 900, "height": 700}, **options})
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: errors.append(str(error)))
        if socket:
            page.route_web_socket("**/ws", socket)
        if script:
            page.add_init_script(script)
        page.goto((url or server.url) + "/chat" + path)
        return page

    yield begin
    for context in contexts:
        context.close()
    assert not errors
