"""What a conversation in the widget can do, answered by the assistant itself."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.script import message
from tests.scripted import Script
from tests.widget.conftest import OpenSite
from tests.widget.person import (
    PRICE,
    QUESTION,
    TOUCH,
    answered,
    answers,
    field,
    launcher,
    log,
    open_chat,
    own,
    ready,
    say,
    window,
)


@pytest.mark.requirement("R3.1", "R2.2")
def test_r3_1_an_answer_has_its_price_its_link_and_its_source(open_screen: OpenSite) -> None:
    page = open_screen()
    open_chat(page)
    say(page, QUESTION)
    answer = answered(page)
    expect(answer).to_contain_text(PRICE)
    expect(answer.get_by_role("link", name="Ver os serviços")).to_have_attribute("href", f"{page.url}services/")
    expect(answer.locator(".sources")).to_contain_text("Limpeza")
    assert "**" not in answer.inner_text()


@pytest.mark.requirement("R3.4")
def test_r3_4_an_error_page_offers_help_small_and_without_a_connection(open_screen: OpenSite) -> None:
    sockets: list[object] = []
    page = open_screen()
    page.on("websocket", lambda socket: sockets.append(socket))
    page.goto(page.url + "nao-existe/")
    teaser = page.locator("chat-assistente .teaser")
    expect(teaser).to_contain_text("Quer ajuda")
    assert not sockets
    teaser.get_by_role("button", name="Quero ajuda").click()
    expect(log(page)).to_contain_text("404")
    expect(teaser).to_be_hidden()


@pytest.mark.requirement("R3.4")
def test_r3_4_an_offer_that_was_dismissed_does_not_come_back(open_screen: OpenSite) -> None:
    page = open_screen("nao-existe/")
    page.get_by_role("button", name="Dispensar").click()
    expect(page.locator("chat-assistente .teaser")).to_be_hidden()
    expect(launcher(page)).to_be_focused()
    page.reload()
    expect(launcher(page)).to_be_visible()
    expect(page.locator("chat-assistente .teaser")).to_be_hidden()


@pytest.mark.requirement("R3.4")
def test_r3_4_a_conversation_that_goes_on_is_offered_help_when_its_page_fails(open_screen: OpenSite) -> None:
    page = open_screen()
    open_chat(page)
    expect(answers(page)).to_have_count(1)
    page.goto(page.url + "nao-existe/")
    expect(answers(page)).to_have_count(2)
    expect(answers(page).last).to_contain_text("404")


@pytest.mark.requirement("R5.3")
def test_r5_3_coming_back_finds_the_conversation(open_screen: OpenSite) -> None:
    page = open_screen()
    open_chat(page)
    say(page, QUESTION)
    answer = answered(page).locator(".bubble").inner_text()
    page.close()
    again = open_screen(browser=page.context)
    open_chat(again)
    expect(own(again)).to_have_text(QUESTION)
    assert answered(again).locator(".bubble").inner_text() == answer


@pytest.mark.requirement("R6.4")
def test_r6_4_an_answer_can_be_called_helpful(open_screen: OpenSite) -> None:
    page = open_screen()
    open_chat(page)
    say(page, QUESTION)
    answered(page).get_by_role("button", name="Sim").click()
    expect(answers(page).last).to_contain_text("Obrigada!")


@pytest.mark.requirement("R6.4")
def test_r6_4_a_conversation_ends_with_stars_and_a_comment_and_another_begins(open_screen: OpenSite) -> None:
    page = open_screen()
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(str(text))))
    open_chat(page)
    say(page, QUESTION)
    answered(page)
    page.get_by_role("button", name="Opções da conversa").click()
    page.get_by_role("button", name="Encerrar conversa").click()
    page.get_by_role("radio", name="4 estrelas").check(force=True)
    page.get_by_label("Quer comentar?").fill("Ajudou muito")
    page.get_by_role("button", name="Avaliar e encerrar").click()
    expect(page.get_by_text("Obrigada pela avaliação!")).to_be_visible()
    page.get_by_role("button", name="Nova conversa").click()
    expect(own(page)).to_have_count(0)
    say(page, QUESTION)
    answered(page)
    assert any('"rating":4' in text and "Ajudou muito" in text for text in sent)


def test_a_conversation_can_end_without_a_rating_and_is_gone_afterwards(open_site: OpenSite) -> None:
    page = open_site()
    open_chat(page)
    say(page, QUESTION)
    answered(page)
    page.get_by_role("button", name="Opções da conversa").click()
    page.get_by_role("button", name="Encerrar conversa").click()
    page.get_by_role("button", name="Encerrar sem avaliar").click()
    expect(page.get_by_role("button", name="Nova conversa")).to_be_visible()
    page.reload()
    expect(answers(page)).to_have_count(1)
    expect(own(page)).to_have_count(0)


@pytest.mark.requirement("R6.5", "R6.3")
def test_r6_5_asking_for_a_person_shows_how_to_reach_one(open_screen: OpenSite) -> None:
    page = open_screen()
    open_chat(page)
    say(page, "quero falar com uma pessoa")
    card = answered(page).get_by_role("group", name="Fale com uma pessoa")
    addresses = card.get_by_role("link").evaluate_all("links => links.map(link => link.protocol)")
    assert addresses == ["tel:", "https:", "mailto:"]


def test_enter_sends_shift_enter_breaks_the_line_and_a_word_being_composed_stays(open_site: OpenSite) -> None:
    page = open_site()
    open_chat(page)
    field(page).fill("bom dia")
    field(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(field(page)).to_have_value("bom dia")
    field(page).press("End")
    field(page).press("Shift+Enter")
    page.keyboard.type(QUESTION)
    expect(field(page)).to_have_value(f"bom dia\n{QUESTION}")
    field(page).press("Enter")
    expect(own(page)).to_have_text(f"bom dia\n{QUESTION}")
    expect(field(page)).to_have_value("")


def test_the_limit_is_told_before_it_is_reached(open_site: OpenSite) -> None:
    page = open_site()
    open_chat(page)
    ready(page)
    field(page).fill("a" * 1999)
    expect(page.locator(".counter")).to_have_text("1.999 de 2.000 caracteres")
    field(page).fill("a" * 2003)
    expect(page.locator(".counter")).to_have_text("3 caracteres a mais do que cabem")
    expect(page.get_by_role("button", name="Enviar")).to_be_disabled()
    field(page).press("Enter")
    expect(own(page)).to_have_count(0)


def test_a_draft_outlives_a_reload(open_site: OpenSite) -> None:
    page = open_site()
    open_chat(page)
    field(page).fill("preciso de um")
    page.reload()
    expect(field(page)).to_have_value("preciso de um")


def test_a_suggestion_is_asked_by_a_click(open_site: OpenSite) -> None:
    page = open_site()
    open_chat(page)
    suggestion = page.get_by_role("group", name="Sugestões").get_by_role("button").first
    text = suggestion.inner_text()
    suggestion.click()
    expect(own(page)).to_have_text(text)
    answered(page)


def test_an_answer_can_be_copied_as_it_was_written(open_site: OpenSite) -> None:
    page = open_site(permissions=["clipboard-read", "clipboard-write"])
    open_chat(page)
    say(page, QUESTION)
    answered(page).get_by_role("button", name="Copiar").click()
    expect(answers(page).last.get_by_role("button", name="Copiado")).to_be_visible()
    assert "**Limpeza:**" in page.evaluate("navigator.clipboard.readText()")


def test_the_conversation_can_be_taken_along_as_a_text(open_site: OpenSite) -> None:
    page = open_site()
    open_chat(page)
    say(page, QUESTION)
    answered(page)
    page.get_by_role("button", name="Opções da conversa").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Baixar a conversa").click()
    text = Path(download.value.path()).read_text("utf-8")
    assert QUESTION in text and "Sophie" in text and PRICE.search(text)


def test_days_are_parted_and_notes_have_their_time(open_site: OpenSite) -> None:
    before = message("ontem", 1, at="2026-03-01T15:04:00.000Z")

    def greet(script: Script, frame: dict[str, object]) -> None:
        script.greet(frame, history=(before, message("hoje", 2, at="2026-03-02T15:04:00.000Z")))

    page = open_site(socket=Script(startSession=greet), timezone_id="America/Sao_Paulo")
    open_chat(page)
    expect(log(page).locator(".day")).to_have_text(["1 de março de 2026", "2 de março de 2026"])
    expect(answers(page).last.locator("footer")).to_contain_text("12:04")


def test_older_messages_come_when_asked_for_and_the_place_is_kept(open_site: OpenSite) -> None:
    history = tuple(message(f"número {seq} " + "texto " * 40, seq) for seq in range(51, 101))

    def greet(script: Script, frame: dict[str, object]) -> None:
        script.greet(frame, history=history, more=True)

    def older(script: Script, frame: dict[str, object]) -> None:
        assert frame["before"] == "m51"
        earlier = [message(f"número {seq} " + "texto " * 40, seq) for seq in range(1, 51)]
        script.say("history", messages=earlier, more=False)

    page = open_site(socket=Script(startSession=greet, loadHistory=older))
    open_chat(page)
    first = log(page).get_by_text("número 51 ")
    first.scroll_into_view_if_needed()
    page.get_by_role("button", name="Mensagens anteriores").click()
    expect(answers(page)).to_have_count(100)
    expect(page.get_by_role("button", name="Mensagens anteriores")).to_be_hidden()
    expect(first).to_be_in_viewport()


def test_who_has_gone_up_to_read_is_left_there_and_finds_the_way_back(open_site: OpenSite) -> None:
    history = tuple(message(f"número {seq} " + "texto " * 40, seq) for seq in range(1, 21))
    script = Script(startSession=lambda script, frame: script.greet(frame, history=history))
    page = open_site(socket=script)
    open_chat(page)
    expect(answers(page)).to_have_count(20)
    back = page.get_by_role("button", name="Ir para as mensagens mais novas")
    expect(answers(page).last).to_be_in_viewport()
    expect(back).to_be_hidden()
    answers(page).first.scroll_into_view_if_needed()
    expect(back).to_be_visible()
    script.say("message", **message("a mais nova", 21))
    expect(log(page)).to_contain_text("a mais nova")
    expect(answers(page).last).not_to_be_in_viewport()
    back.click()
    expect(answers(page).last).to_be_in_viewport()
    expect(back).to_be_hidden()
    expect(field(page)).to_be_focused()


def test_the_newest_are_reached_however_much_is_still_to_be_laid_out(open_site: OpenSite) -> None:
    history = tuple(message(f"número {seq} " + "texto " * (seq * 7 % 200), seq) for seq in range(1, 81))
    page = open_site(socket=Script(startSession=lambda script, frame: script.greet(frame, history=history)))
    open_chat(page)
    expect(answers(page)).to_have_count(80)
    back = page.get_by_role("button", name="Ir para as mensagens mais novas")
    for _ in range(3):
        answers(page).first.scroll_into_view_if_needed()
        expect(back).to_be_visible()
        back.click()
        expect(back).to_be_hidden()
        expect(answers(page).last).to_be_in_viewport()


def test_a_long_answer_begins_with_its_first_words_and_stays_where_it_is_read(open_site: OpenSite) -> None:
    script = Script()
    page = open_site(socket=script)
    open_chat(page)
    ready(page)
    script.say("message", **message("primeiras palavras\n\n" + "texto\n\n" * 60 + "últimas palavras", 1))
    expect(page.get_by_text("primeiras palavras")).to_be_in_viewport()
    page.get_by_role("button", name="Ir para as mensagens mais novas").click()
    expect(page.get_by_text("últimas palavras")).to_be_in_viewport()
    field(page).press_sequentially("entendi")
    expect(page.get_by_text("últimas palavras")).to_be_in_viewport()


def test_an_emergency_is_shown_from_its_first_words_on_a_small_phone(open_site: OpenSite) -> None:
    page = open_site(viewport={"width": 360, "height": 560}, **TOUCH)
    launcher(page).tap()
    say(page, "cheiro de gás na cozinha")
    expect(answered(page).get_by_text("Não toque em interruptores")).to_be_in_viewport()


@pytest.mark.requirement("R4.1", "R5.5")
def test_r4_1_who_signs_in_is_known_and_signing_out_leaves_nothing_behind(open_site: OpenSite) -> None:
    page = open_site("entrar/")
    page.get_by_role("button", name="Entrar como Bruno").click()
    page.wait_for_url("**/painel-prestador/")
    open_chat(page)
    expect(answers(page).first).to_contain_text("Bruno")
    field(page).fill("segredo")
    page.goto(page.url.replace("painel-prestador/", "entrar/"))
    expect(answers(page).first).to_contain_text("Bruno")
    page.get_by_role("button", name="Sair e navegar sem conta").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sua casa")
    expect(launcher(page)).to_be_visible()
    stored = "JSON.stringify([localStorage, sessionStorage])"
    assert "segredo" not in page.evaluate(stored) and "resume" not in page.evaluate(stored)
    expect(window(page)).to_be_hidden()
    open_chat(page)
    expect(answers(page).first).to_contain_text("Sophie")
    expect(log(page).get_by_text("Bruno")).to_have_count(0)
    expect(field(page)).to_have_value("")
