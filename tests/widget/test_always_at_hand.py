"""R1: the button and the window, wherever the person is."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.script import message
from tests.scripted import Script, soon
from tests.widget.conftest import OpenSite
from tests.widget.person import (
    LANDSCAPE,
    PORTRAIT,
    QUESTION,
    TOUCH,
    answered,
    answers,
    badge,
    field,
    launcher,
    log,
    minimise,
    open_chat,
    own,
    ready,
    say,
    window,
)

PAGES = ["", "services/", "meus-pedidos/", "painel-prestador/", "entrar/", "help-support/", "termos/", "nada-aqui/"]
AT_THE_MIDDLE = """(button) => {
  const { left, top, width, height } = button.getBoundingClientRect();
  let found = document.elementFromPoint(left + width / 2, top + height / 2);
  while (found?.shadowRoot) found = found.shadowRoot.elementFromPoint(left + width / 2, top + height / 2);
  return button.contains(found);
}"""


@pytest.mark.requirement("R1.1")
def test_r1_1_the_button_is_on_every_page_above_the_accessibility_button(open_screen: OpenSite) -> None:
    page = open_screen()
    home = page.url
    for path in PAGES:
        page.goto(home + path)
        expect(launcher(page)).to_be_in_viewport(ratio=1)
        assert_above_the_accessibility_button(page)


@pytest.mark.requirement("R1.2")
def test_r1_2_the_icon_is_a_speech_bubble_with_a_question_and_says_what_it_opens(open_screen: OpenSite) -> None:
    page = open_screen()
    expect(launcher(page)).to_have_accessible_name("Abrir o chat com Sophie")
    expect(launcher(page)).to_have_attribute("title", "Precisa de ajuda?")
    expect(launcher(page).locator("svg path")).to_have_count(2)


@pytest.mark.requirement("R1.3")
def test_r1_3_a_click_opens_the_window(open_screen: OpenSite) -> None:
    page = open_screen()
    launcher(page).click()
    expect(window(page)).to_be_in_viewport(ratio=1)
    can_hover = page.evaluate("matchMedia('(hover: hover)').matches")
    # where there is no pointer the focus would bring up a keyboard over half of the window
    expect(field(page) if can_hover else page.get_by_role("button", name="Minimizar", exact=True)).to_be_focused()
    expect(answers(page).first).to_contain_text("Sophie")


@pytest.mark.requirement("R1.4", "R3.5")
def test_r1_4_r3_5_the_conversation_goes_along_and_the_assistant_knows_the_new_page(open_screen: OpenSite) -> None:
    page = open_screen()
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(str(text))))
    open_chat(page)
    say(page, QUESTION)
    answered(page)
    answers(page).last.get_by_role("link", name="Ver os serviços").click()
    page.wait_for_url("**/services/")
    expect(window(page)).to_be_visible()
    expect(own(page)).to_have_text(QUESTION)
    answered(page)
    assert any('"startSession"' in text and "/services/" in text for text in sent)
    assert len(page.context.pages) == 1


@pytest.mark.requirement("R1.4")
def test_r1_4_a_page_that_changes_its_address_by_itself_tells_the_assistant(open_site: OpenSite) -> None:
    script = Script()
    page = open_site(socket=script)
    open_chat(page)
    ready(page)
    page.evaluate("history.pushState({}, '', '/services/?passo=2'); document.title = 'Passo 2'")
    soon(page, lambda: script.actions("updateContext"))
    told = script.actions("updateContext")[-1]["context"]
    assert told["url"].endswith("/services/?passo=2") and told["title"] == "Passo 2"


@pytest.mark.requirement("R1.4", "R3.2")
def test_r1_4_the_assistant_is_told_where_the_person_is_and_where_from(open_site: OpenSite) -> None:
    script = Script()
    page = open_site("services/", socket=script)
    page.evaluate("location.assign('../nao-existe/?de=servicos')")
    page.wait_for_url("**/nao-existe/**")
    open_chat(page)
    soon(page, lambda: script.actions("startSession"))
    told = script.actions("startSession")[0]["context"]
    assert told["url"].endswith("/nao-existe/?de=servicos") and told["referrer"].endswith("/services/")
    assert told["title"].startswith("Página não encontrada") and told["errorStatus"] == 404


@pytest.mark.requirement("R1.5")
def test_r1_5_minimising_loses_nothing_and_counts_what_is_unread(open_screen: OpenSite) -> None:
    script = Script()
    page = open_screen(socket=script)
    open_chat(page)
    ready(page)
    title = page.title()
    script.say("message", **message("primeira", 1))
    expect(log(page)).to_contain_text("primeira")
    field(page).fill("rascunho")
    minimise(page)
    expect(launcher(page)).to_be_focused()
    script.say("message", **message("segunda", 2))
    expect(badge(page)).to_have_text("1")
    expect(launcher(page)).to_have_accessible_name("Abrir o chat com Sophie (1 mensagem não lida)")
    expect(page).to_have_title(f"(1) {title}")
    for seq in range(3, 103):
        script.say("message", **message(f"número {seq}", seq))
    expect(badge(page)).to_have_text("99+")
    open_chat(page)
    expect(badge(page)).to_be_hidden()
    expect(page).to_have_title(title)
    expect(answers(page)).to_have_count(102)
    expect(field(page)).to_have_value("rascunho")


@pytest.mark.requirement("R1.6")
@pytest.mark.parametrize("screen", [PORTRAIT, {"width": 320, "height": 568}, LANDSCAPE])
def test_r1_6_on_a_phone_it_fills_the_screen(open_site: OpenSite, screen: ViewportSize) -> None:
    page = open_site(viewport=screen, **TOUCH)
    launcher(page).tap()
    expect(answers(page)).to_have_count(1)
    soon(page, lambda: window(page).bounding_box() == {"x": 0, "y": 0, **screen})  # it slides in
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]


@pytest.mark.requirement("R1.6")
def test_r1_6_whatever_can_be_touched_is_large_enough(open_screen: OpenSite) -> None:
    page = open_screen()
    open_chat(page)
    say(page, QUESTION)
    answered(page)
    say(page, "quero falar com uma pessoa")
    answered(page, 2)
    field(page).fill("x")
    for target in window(page).locator("button:visible, a.button:visible, textarea:visible").all():
        touched = target.bounding_box()
        assert touched and touched["width"] >= 44 and touched["height"] >= 44, target.inner_text()


@pytest.mark.requirement("R1.6")
def test_r1_6_the_keyboard_never_covers_the_field(open_screen: OpenSite) -> None:
    page = open_screen()
    open_chat(page)
    say(page, QUESTION)
    answered(page)
    size = page.viewport_size
    assert size
    page.set_viewport_size({"width": size["width"], "height": size["height"] // 2})  # what a keyboard leaves
    field(page).click()
    expect(field(page)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Enviar")).to_be_in_viewport(ratio=1)


@pytest.mark.requirement("R1.7")
def test_r1_7_the_button_has_the_same_place_at_every_resolution(open_screen: OpenSite) -> None:
    page = open_screen()
    assert_above_the_accessibility_button(page)
    box, size = launcher(page).bounding_box(), page.viewport_size
    assert box and size and size["width"] - box["x"] - box["width"] == 20


def assert_above_the_accessibility_button(page: Page) -> None:
    box, theirs = launcher(page).bounding_box(), page.locator(".accessibility").bounding_box()
    assert box and theirs and box["y"] + box["height"] <= theirs["y"]
    assert abs(box["x"] + box["width"] - theirs["x"] - theirs["width"]) <= 4
    assert launcher(page).evaluate(AT_THE_MIDDLE)
