"""A real Chromium: Debian's package, or whatever Chrome is installed; Playwright's own builds are not needed."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOT_THERE = "there is no Chromium or Chrome here"


def find() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """Skipped where there is none; `not_run` makes sure that nobody overlooks it.

    Playwright keeps an event loop running in the thread while it lives: it must have ended before the next
    module, which may want a loop of its own.
    """
    from playwright.sync_api import sync_playwright  # slow to import, and most tests do without

    executable = find()
    if executable is None:
        pytest.skip(NOT_THERE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


def not_run(stats: dict[str, list[pytest.TestReport]]) -> int:
    """How many browser tests a run left out."""
    return sum(NOT_THERE in str(report.longrepr) for report in stats.get("skipped", []))


def allowed_to_skip() -> bool:
    return os.environ.get("BROWSER") == "skip"
