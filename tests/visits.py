"""Pages in a real Chromium; whatever a test sees, the console must stay free of errors and warnings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebSocketRoute, expect

Visit = Callable[..., Page]

# What Chromium itself remarks: on a page that was served as missing, and on sockets that a test cuts or refuses.
REMARKS = ("the server responded with a status of 404", "WebSocket connection to", "net::ERR_INTERNET_DISCONNECTED")
PATIENCE_MS = 15_000

expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def visits(
    chromium: Browser, site: str, folder: str = "/", remarks: tuple[str, ...] = REMARKS, **defaults: object
) -> Iterator[Visit]:
    """Gives what opens a page as somebody new: `visit("services/", color_scheme="dark")`.

    Paths are below `folder`. `url` is another site's address, `socket` answers in the server's place, `script` runs
    before the page's own, `browser` is a context to go on with; what else is named is an option of the context, beside
    `defaults`. Whatever has one of `remarks` in it is no complaint.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visit(
        path: str = "",
        *,
        url: str = "",
        socket: Callable[[WebSocketRoute], None] | None = None,
        script: str = "",
        browser: BrowserContext | None = None,
        **options: object,
    ) -> Page:
        context = browser or chromium.new_context(**{"locale": "pt-BR", **defaults, **options})
        if browser is None:
            contexts.append(context)
            context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        listen(page, complaints, remarks)
        if socket:
            page.route_web_socket("**/ws", socket)
        if script:
            page.add_init_script(script)
        page.goto((url or site) + folder + path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not complaints


def listen(page: Page, complaints: list[str], remarks: tuple[str, ...] = REMARKS) -> None:
    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(remark in message.text for remark in remarks):
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
