"""The widget on the demo site."""

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser

from tests.server import ROOT, Server
from tests.visits import Visit, visits
from tests.widget.person import DESKTOP, SCREENS

OpenSite = Visit


@pytest.fixture(scope="session", autouse=True)
def site() -> None:
    assert (ROOT / "chalicelib" / "site" / "widget.js").exists(), "run `make site`"


@pytest.fixture
def open_site(chromium: Browser, server: Server) -> Iterator[OpenSite]:
    """Open a page of the demo site as somebody new."""
    with visits(chromium, server.url, viewport=DESKTOP) as visit:
        yield visit


@pytest.fixture(params=SCREENS)
def open_screen(open_site: OpenSite, request: pytest.FixtureRequest) -> OpenSite:
    """`open_site` on each of the screens that people have."""
    return partial(open_site, **SCREENS[request.param])
