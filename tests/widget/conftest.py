"""The widget on the demo site, in a real Chromium; the console stays free of errors and warnings in every test."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebSocketRoute, expect

from tests.server import ROOT, Server

OpenSite = Callable[..., Page]
# What Chromium itself remarks: on a page that was served as missing, and on sockets that a test cuts or refuses.
REMARKS = ("the server responded with a status of 404", "WebSocket connection to", "net::ERR_INTERNET_DISCONNECTED")

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session", autouse=True)
def site() -> None:
    assert (ROOT / "chalicelib" / "site" / "widget.js").exists(), "run `make site`"


@pytest.fixture
def open_site(chromium: Browser, server: Server) -> Iterator[OpenSite]:
    """Open a page of the demo site as somebody new: `open_site("services/", color_scheme="dark")`.

    `socket` answers in the server's place, `script` runs before the page's own, `browser` is a context to go on with.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(remark in message.text for remark in REMARKS):
            complaints.append(message.text)

    def begin(
        path: str = "",
        *,
        url: str = "",
        socket: Callable[[WebSocketRoute], None] | None = None,
        script: str = "",
        browser: BrowserContext | None = None,
        **options: object,
    ) -> Page:
        wanted = {"locale": "pt-BR", "viewport": {"width": 1280, "height": 800}, **options}
        context = browser or chromium.new_context(**wanted)
        if browser is None:
            contexts.append(context)
            context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if socket:
            page.route_web_socket("**/ws", socket)
        if script:
            page.add_init_script(script)
        page.goto((url or server.url) + "/" + path)
        return page

    yield begin
    for context in contexts:
        context.close()
    assert not complaints
