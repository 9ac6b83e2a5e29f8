"""`make screenshots`: the README's pictures, from the real thing in a real browser.

Each state of the widget becomes docs/images/NAME.webp; chat.webp, at the README's top, is a question and its answer;
dashboard.webp is the console on made-up conversations.
"""

import base64
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bench.animation import animation
from tests.administrator import KEYS
from tests.chromium import ARGUMENTS, find
from tests.console.conftest import sign_in
from tests.rest.counted import Counted
from tests.server import ROOT, Server
from tests.widget.person import DESKTOP, PORTRAIT, answered, answers, field, launcher, log, open_chat, ready, say

IMAGES = ROOT / "docs" / "images"
QUALITY = 70
FRAMES, FRAME_MS, FILM_QUALITY = 9, 450, 25
AROUND_THE_CHAT = {"x": 232, "y": 30, "width": 480, "height": 622, "scale": 0.75}


def button(page: Page) -> None:
    expect(launcher(page)).to_be_visible()


def conversation(page: Page) -> None:
    open_chat(page)
    say(page, "oi! quanto custa uma faxina?")
    answered(page)
    say(page, "quero falar com uma pessoa")
    answered(page, 2)


def closing(page: Page) -> None:
    conversation(page)
    page.get_by_role("button", name="Opções da conversa").click()
    page.get_by_role("button", name="Encerrar conversa").click()
    page.get_by_role("radio", name="4 estrelas").check(force=True)


def offline(page: Page) -> None:
    open_chat(page)
    ready(page)
    page.context.set_offline(True)
    say(page, "vocês atendem no sábado?")
    expect(log(page).locator("article.sending")).to_be_visible()


def offer(page: Page) -> None:
    expect(page.get_by_role("button", name="Quero ajuda")).to_be_visible()


DARK_PHONE = {"viewport": PORTRAIT, "is_mobile": True, "has_touch": True, "color_scheme": "dark"}
STATES: dict[str, tuple[Callable[[Page], None], str, dict[str, object]]] = {
    "site": (button, "", {"viewport": DESKTOP}),
    "conversation": (conversation, "services/", {"viewport": DESKTOP}),
    "closing": (closing, "", {"viewport": DESKTOP}),
    "offline": (offline, "", {"viewport": DESKTOP}),
    "phone": (conversation, "", DARK_PHONE),
    "error-page": (offer, "nao-existe/", {"viewport": PORTRAIT, "is_mobile": True, "has_touch": True}),
}


def shoot(browser: Browser, url: str, name: str) -> None:
    reach, path, options = STATES[name]
    context = new_context(browser, options)
    page = context.new_page()
    page.goto(f"{url}/{path}")
    reach(page)
    page.wait_for_timeout(600)  # the window has come to rest
    (IMAGES / f"{name}.webp").write_bytes(still(page, QUALITY))
    context.close()


def new_context(browser: Browser, options: dict[str, object]) -> BrowserContext:
    return browser.new_context(**{"locale": "pt-BR", "timezone_id": "America/Sao_Paulo", **options})


def film(browser: Browser, url: str) -> bytes:
    """A question typed and answered, as an animated WebP that Chromium itself encodes frame by frame."""
    context = new_context(browser, {"viewport": {"width": 720, "height": 660}})
    page = context.new_page()
    page.goto(f"{url}/services/")
    open_chat(page)
    expect(answers(page)).to_have_count(1)
    field(page).press_sequentially("quanto custa uma faxina?", delay=20)
    frames = [still(page, FILM_QUALITY, AROUND_THE_CHAT)]
    field(page).press("Enter")
    for _ in range(FRAMES):
        page.wait_for_timeout(FRAME_MS)
        frames.append(still(page, FILM_QUALITY, AROUND_THE_CHAT))
    context.close()
    return animation(frames, FRAME_MS, last_ms=4000)


def dashboard(browser: Browser, folder: Path) -> bytes:
    with Counted(folder, count=2_000) as counted:
        context = new_context(browser, {"viewport": {"width": 1280, "height": 1080}})
        page = context.new_page()
        page.goto(f"{counted.server.url}/admin#/dashboard?days=7")
        sign_in(page, KEYS["viewer"])
        expect(page.locator("figure canvas").first).to_be_visible()
        page.mouse.move(0, 0)
        shot = still(page, QUALITY)
        context.close()
    return shot


def still(page: Page, quality: int, clip: dict[str, int] | None = None) -> bytes:
    """The page, or a part of it, as WebP."""
    session = page.context.new_cdp_session(page)
    options = {"format": "webp", "quality": quality, **({"clip": clip} if clip else {})}
    shot = session.send("Page.captureScreenshot", options)
    session.detach()
    return base64.b64decode(shot["data"])


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder), TYPING_PAUSE_MS="25", DELTA_INTERVAL_MS="100")
        browser = playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        for name in STATES:
            shoot(browser, server.url, name)
        (IMAGES / "chat.webp").write_bytes(film(browser, server.url))
        (IMAGES / "dashboard.webp").write_bytes(dashboard(browser, Path(folder) / "counted"))
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
