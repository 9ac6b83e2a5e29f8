"""What the console does for people: conversations and why they were answered so, operators, notifications."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.administrator import ADMIN_KEYS, KEYS, Administrator
from tests.axe import AXE, violations
from tests.browser import Browser
from tests.conftest import Start
from tests.console.conftest import DESKTOP, OpenConsole, sign_in
from tests.rest.test_exports import CONVERSATIONS, fill
from tests.server import Server
from tests.visits import Visit, visits
from tests.widget import person as widget

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def open_site(chromium: Chromium, server: Server) -> Iterator[Visit]:
    with visits(chromium, server.url, viewport=DESKTOP) as visit:
        yield visit


@pytest.fixture
def person(server: Server) -> Iterator[Browser]:
    """Somebody who has asked for a price, was not helped, and said so."""
    with server.visit() as browser:
        answer = browser.ask("Quanto custa uma faxina?")
        browser.send("giveFeedback", messageId=answer["messageId"], helpful=False)
        browser.send("rateSession", rating=2, comment="faltou o preço do vidro")
        browser.until_type("ratingSaved")
        yield browser


def desk(page: Page) -> Locator:
    return page.get_by_role("log", name="O que foi dito")


def call_somebody(open_site: Visit) -> Page:
    site = open_site()
    widget.open_chat(site)
    widget.say(site, "quero falar com um atendente")
    widget.answered(site)
    return site


def take_over(console: Page, name: str) -> None:
    console.get_by_label("Seu nome, como a pessoa o verá").fill(name)
    console.get_by_role("button", name="Assumir").click()


def say(console: Page, words: str) -> None:
    console.get_by_label("Sua resposta").fill(words)
    console.get_by_label("Sua resposta").press("Enter")


@pytest.mark.requirement("R6.5")
def test_r6_5_an_operator_takes_over_in_a_second_browser_and_hands_it_back(
    open_console: OpenConsole, open_site: Visit
) -> None:
    site = call_somebody(open_site)
    lines: list[WebSocketRoute] = []
    console = open_console(
        "handoffs", role="operator", socket=lambda line: lines.extend((line, line.connect_to_server()))
    )
    waiting = console.get_by_role("listitem").filter(has_text="Pediu uma pessoa")
    expect(waiting).to_contain_text("quero falar com um atendente")
    waiting.get_by_role("link", name="Visitante").click()
    expect(desk(console)).to_contain_text("quero falar com um atendente")
    take_over(console, "Ana")
    expect(widget.log(site)).to_contain_text("Ana, da nossa equipe, entrou na conversa.")
    expect(waiting).to_contain_text("Com você")

    console.get_by_label("Sua resposta").fill("Bom dia! ")
    expect(site.get_by_text("Atendente está digitando")).to_be_visible()
    say(console, "Bom dia!")
    expect(widget.log(site).locator("article.operator")).to_contain_text("Ana: Bom dia!")
    expect(site.get_by_text("Atendente está digitando")).to_be_hidden()
    expect(desk(console).locator(".operator")).to_have_text(re.compile("Ana: Bom dia!"))

    widget.field(site).fill("oi, A")
    expect(console.get_by_text("Visitante está digitando…")).to_be_visible()
    for end in lines[:2]:  # a line that breaks loses nothing, and what is said meanwhile is said once
        end.close()
    widget.say(site, "oi, Ana")
    say(console, "Em que posso ajudar?")
    expect(desk(console)).to_contain_text("oi, Ana")
    expect(widget.log(site).locator("article.operator")).to_have_count(2)
    expect(desk(console).locator(".operator")).to_have_count(2)

    console.get_by_role("button", name="Devolver ao assistente").click()
    expect(widget.log(site)).to_contain_text("Ana saiu da conversa.")
    expect(console.get_by_text("Ninguém espera por uma pessoa.")).to_be_visible()
    widget.say(site, widget.QUESTION)
    expect(widget.answers(site).last).to_contain_text(widget.PRICE)
    expect(desk(console)).to_contain_text(widget.PRICE)


def test_nobody_answers_in_another_operators_conversation_and_who_ends_it_is_asked(
    open_console: OpenConsole, admin: Administrator, person: Browser
) -> None:
    session_id = person.session["sessionId"]
    mine = open_console(f"handoffs/{session_id}", role="operator")
    admin.ask("POST", f"/conversations/{session_id}/takeover", {"name": "Bia"})
    expect(mine.get_by_text("Outra pessoa da equipe está com esta conversa.")).to_be_visible()
    admin.ask("POST", f"/conversations/{session_id}/release")
    take_over(mine, "Ana")
    mine.get_by_role("button", name="Encerrar").click()
    mine.get_by_role("dialog").get_by_role("button", name="Não").click()
    expect(desk(mine)).to_contain_text("Bia")
    mine.get_by_role("button", name="Encerrar").click()
    mine.get_by_role("dialog").get_by_role("button", name="Sim").click()
    assert person.until_type("sessionEnded")
    expect(mine.get_by_role("alert")).to_have_text("A conversa terminou.")
    reader = open_console(f"handoffs/{session_id}", role="viewer")
    expect(reader.get_by_text("seu papel é só de leitura")).to_be_visible()


@pytest.mark.requirement("R7.1", "R7.4")
def test_r7_1_a_conversation_is_found_read_and_taken_away(
    open_console: OpenConsole, person: Browser, tmp_path: Path
) -> None:
    page = open_console("conversations", role="viewer")
    page.get_by_label("Palavras da conversa").fill("FAXINA girafa")
    page.get_by_role("button", name="Buscar").click()
    expect(page.get_by_text("Nenhuma conversa.")).to_be_visible()
    page.get_by_label("Palavras da conversa").fill("quanto faxína")
    page.get_by_label("Avaliação").select_option("2")
    page.get_by_role("button", name="Buscar").click()
    row = page.locator(f'tr:has(a[href$="{person.session["sessionId"]}"])')
    expect(row).to_contain_text("No ar")
    expect(row.get_by_role("img", name="2 de 5 estrelas")).to_be_visible()

    with page.expect_download() as downloading:
        page.get_by_role("button", name="Baixar CSV").click()
    downloading.value.save_as(tmp_path / "conversations.csv")
    with (tmp_path / "conversations.csv").open(newline="", encoding="utf-8") as file:
        assert person.session["sessionId"] in [line["sessionId"] for line in csv.DictReader(file)]

    row.get_by_role("link").click()
    expect(page.get_by_text("faltou o preço do vidro")).to_be_visible()
    expect(page.locator("article.user")).to_contain_text("Quanto custa uma faxina?")
    expect(page.locator("article.assistant").last).to_contain_text("Não ajudou")


def test_a_file_too_large_for_an_answer_is_waited_for(chromium: Chromium, tmp_path: Path, start: Start) -> None:
    fill(tmp_path / "data")
    with visits(chromium, start(ADMIN_KEYS=ADMIN_KEYS).url, viewport=DESKTOP) as visit:
        page = visit("admin#/conversations")
        sign_in(page, KEYS["viewer"])
        with page.expect_download() as downloading:
            page.get_by_role("button", name="Baixar JSONL").click()
        downloading.value.save_as(tmp_path / "conversations.jsonl")
    assert len((tmp_path / "conversations.jsonl").read_text("utf-8").splitlines()) == CONVERSATIONS


def test_why_an_answer_was_given_and_what_today_would_bring(
    open_console: OpenConsole, admin: Administrator, person: Browser
) -> None:
    page = open_console(f"conversations/{person.session['sessionId']}", role="viewer")
    why = page.locator("admin-why")
    why.get_by_text("Por que esta resposta?").click()
    used = why.get_by_role("row").filter(has=page.get_by_role("link", name="Limpeza", exact=True))
    expect(used).to_contain_text("Usada")
    expect(why).to_contain_text("Confiança")  # what today would bring has come
    then, now = used.get_by_role("cell").all_inner_texts()
    assert then == now and re.match(r"#1 · [\d,]+ versão 1", then)
    for told in ("Conhecimento, sem modelo", "Serviço", "Primeiras palavras", "US$"):
        expect(why).to_contain_text(told)

    admin.ask("DELETE", "/knowledge/service-limpeza", version=1)
    page.reload()
    why.get_by_text("Por que esta resposta?").click()
    expect(used).to_contain_text("Não responde mais")
    admin.ask("POST", "/knowledge/service-limpeza/restore", {"version": 1}, version=2)


def test_a_notification_is_confirmed_sent_and_told_whom_it_reached(open_console: OpenConsole, person: Browser) -> None:
    page = open_console("notifications")
    page.get_by_label("Título").fill("Manutenção hoje")
    page.get_by_label("Texto").fill("O site para às 22h.")
    page.get_by_label("Para quem").select_option("Visitantes")
    page.get_by_role("button", name="Enviar aviso").click()
    asked = page.get_by_role("dialog").filter(has_text="Enviar “Manutenção hoje” para visitantes?")
    asked.get_by_role("button", name="Sim").click()
    expect(page.get_by_role("status").filter(has_text=re.compile(r"alcançadas: [1-9]"))).to_be_visible()
    assert person.until_type("notification")["title"] == "Manutenção hoje"
    expect(page.get_by_role("row").filter(has_text="Manutenção hoje")).to_contain_text("visitantes")
    reader = open_console("notifications", role="viewer")
    expect(reader.get_by_text("Manutenção hoje")).to_be_visible()
    expect(reader.get_by_label("Título")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "size"), [("light", PHONE), ("dark", DESKTOP)])
def test_the_pages_are_accessible_and_fit(
    open_console: OpenConsole, person: Browser, scheme: str, size: dict[str, int]
) -> None:
    session_id = person.session["sessionId"]
    person.ask("quero falar com um atendente")
    page = open_console(f"conversations/{session_id}", color_scheme=scheme, viewport=size, bypass_csp=True)
    page.evaluate(AXE)
    page.get_by_text("Por que esta resposta?").first.click()
    shown = {
        "": page.locator("admin-why").get_by_text("Na hora").first,
        "conversations": page.get_by_role("link", name=re.compile(r"\d\d:\d\d")).first,
        f"handoffs/{session_id}": desk(page).get_by_text("quero falar com um atendente"),
        "notifications": page.get_by_label("Título"),
    }
    for address, there in shown.items():
        if address:
            page.evaluate("(address) => { location.hash = `#/${address}`; }", address)
        expect(there).to_be_visible()
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
