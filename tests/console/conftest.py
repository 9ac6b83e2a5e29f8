"""The console in a real browser, in front of an assistant whose administrators the tests are."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.administrator import ADMIN_KEYS, KEYS
from tests.server import ROOT, Server
from tests.visits import REMARKS, visits

OpenConsole = Callable[..., Page]
DESKTOP = {"width": 1280, "height": 800}
# What the console explains to whoever uses it.
REFUSALS = (*REMARKS, *(f"the server responded with a status of {status}" for status in ("4", "503")))


@pytest.fixture(scope="session", autouse=True)
def site() -> None:
    assert (ROOT / "chalicelib" / "site" / "admin.html").exists(), "run `make site`"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for each file, which may change the knowledge and the conversations."""
    running = Server(tmp_path_factory.mktemp("data"), ADMIN_KEYS=ADMIN_KEYS)
    yield running
    running.stop()


@pytest.fixture
def open_console(chromium: Browser, server: Server) -> Iterator[OpenConsole]:
    """`open_console("knowledge", role="viewer")`: a page of the console as somebody who has signed in."""
    with visits(chromium, server.url, remarks=REFUSALS, viewport=DESKTOP) as visit:

        def opened(page: str = "", role: str = "admin", **options: object) -> Page:
            visited = visit("admin#/" + page, **options)
            sign_in(visited, KEYS[role])
            return visited

        yield opened


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("Chave de administrador").fill(key)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("navigation")).to_be_visible()
