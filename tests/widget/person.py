"""What a person does with the widget, and what they see."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.server import Server, stored

QUESTION = "quanto custa uma faxina?"
PRICE = re.compile(r"R\$\s*\d")
# The widget waits seconds before it counts something as lost, and a test need not.
IMPATIENT = "window.Wait = setTimeout; window.setTimeout = (act, wait, ...rest) => Wait(act, wait / 8, ...rest);"
DESKTOP = {"width": 1280, "height": 800}
PORTRAIT = {"width": 390, "height": 844}
LANDSCAPE = {"width": 844, "height": 390}
TABLET = {"width": 820, "height": 1180}
TOUCH = {"has_touch": True, "is_mobile": True}
SCREENS: dict[str, dict[str, object]] = {
    "desktop": {"viewport": DESKTOP},
    "phone": {"viewport": PORTRAIT, **TOUCH},
    "phone on its side": {"viewport": LANDSCAPE, **TOUCH},
    "tablet": {"viewport": TABLET, **TOUCH},
}


def launcher(page: Page) -> Locator:
    return page.locator("chat-assistente .launcher")


def badge(page: Page) -> Locator:
    return page.locator("chat-assistente .badge")


def window(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Conversa com")


def open_chat(page: Page) -> None:
    launcher(page).click()
    expect(window(page)).to_be_visible()


def ready(page: Page) -> None:
    expect(page.locator("p.state")).to_have_text("On-line")


def field(page: Page) -> Locator:
    return page.get_by_label("Escreva sua mensagem")


def say(page: Page, text: str) -> None:
    field(page).fill(text)
    field(page).press("Enter")


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def own(page: Page) -> Locator:
    return log(page).locator("article.user .bubble")


def answers(page: Page) -> Locator:
    """Every answer and greeting, whole."""
    return log(page).locator("article.assistant")


def answered(page: Page, times: int = 1) -> Locator:
    """The newest answer, once there are so many of them beside the greeting."""
    expect(answers(page)).to_have_count(times + 1)
    return answers(page).last


def minimise(page: Page) -> None:
    page.get_by_role("button", name="Minimizar", exact=True).click()
    expect(window(page)).to_be_hidden()


def assert_shown_is_stored(page: Page, server: Server) -> None:
    """Text for text, whatever Markdown made of it."""
    with server.browser() as reader:
        reader.start(resumeToken=page.evaluate("localStorage.getItem('chat-assistente.resume')"))
        held = [one["content"].replace("**", "") for one in stored(server, reader)]
    shown = log(page).locator("article .bubble").all_text_contents()
    assert ["".join(text.split()) for text in shown] == ["".join(text.split()) for text in held]


def look_again(page: Page) -> None:
    """As when a person comes back to the tab."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    ready(page)
