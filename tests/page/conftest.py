"""The plain chat page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.server import Server
from tests.visits import Visit, visits

OpenPage = Visit


@pytest.fixture
def open_page(chromium: Browser, server: Server) -> Iterator[OpenPage]:
    """Open it as somebody new."""
    with visits(chromium, server.url, "/chat", viewport={"width": 900, "height": 700}) as visit:
        yield visit
