"""`make screenshots`: the picture at the top of the README, from the real thing in a real browser."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.page.conftest import ARGUMENTS
from tests.server import ROOT, Server

IMAGES = ROOT / "docs" / "images"


def converse(browser: Browser, url: str, **context: object) -> Page:
    page = browser.new_context(locale="pt-BR", device_scale_factor=1, **context).new_page()
    page.goto(url)
    for number, question in enumerate(("oi! quanto custa uma faxina?", "e quanto tempo demora?"), 1):
        page.get_by_label("Escreva sua pergunta").fill(question)
        page.keyboard.press("Enter")
        expect(page.get_by_role("log").locator(".bubble")).to_have_count(1 + 2 * number, timeout=15_000)
    return page


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        desktop = converse(browser, server.url, viewport={"width": 900, "height": 900})
        desktop.screenshot(path=IMAGES / "chat.png")
        phone = converse(
            browser, server.url, viewport={"width": 390, "height": 780}, is_mobile=True, color_scheme="dark"
        )
        phone.screenshot(path=IMAGES / "chat-phone.png")
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
