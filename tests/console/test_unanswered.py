"""From what people asked in vain to better knowledge, all in the browser."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.administrator import Administrator
from tests.console.conftest import OpenConsole
from tests.server import Server, eventually
from tests.visits import visits
from tests.widget.person import answered, open_chat, ready, say

QUESTION = "vocês consertam telescópio?"
ANSWER = "Consertamos telescópios por **R$ 77**."
ALIKE = "arrumam luneta?"


def ask(server: Server, *questions: str) -> None:
    for question in questions:
        with server.visit() as person:
            person.ask(question)


def group(page: Page, question: str) -> Locator:
    return page.locator("unanswered-group", has_text=question)


@pytest.mark.requirement("R7.3")
def test_a_question_asked_in_vain_is_answered_in_the_widget(
    open_console: OpenConsole, chromium: Browser, server: Server
) -> None:
    ask(server, QUESTION, "voces consertam telescopio")
    page = open_console("unanswered")
    asked = group(page, QUESTION)
    expect(asked).to_contain_text("2×")
    asked.locator("summary").click()
    asked.get_by_label("Categoria").select_option("service")
    asked.get_by_role("button", name="Escrever uma entrada").click()
    expect(page.get_by_label("Perguntas alternativas")).to_have_value(re.compile(QUESTION.replace("?", r"\?")))
    page.get_by_label("Título").fill("Conserto de telescópio")
    page.get_by_label("Conteúdo").fill(ANSWER)
    page.get_by_role("button", name="Comparar antes e depois").click()
    figures = page.get_by_role("region", name="Regressão", exact=True).locator("tbody tr").first
    expect(figures).to_have_text(re.compile(r"Vem em primeiro\s*0%\s*100%"))
    expect(page.get_by_text("Tudo passa")).to_be_visible()
    page.get_by_role("button", name="Salvar e ativar").click()
    expect(page.get_by_text("Salvo como versão 2")).to_be_visible()
    with server.visit() as person:
        eventually(lambda: "R$ 77" in person.ask(QUESTION)["content"])  # every index follows within seconds
    with visits(chromium, server.url) as visit:
        site = visit()
        open_chat(site)
        ready(site)
        say(site, QUESTION)
        expect(answered(site)).to_contain_text("R$ 77")


def test_questions_are_given_to_an_entry_that_is_there(open_console: OpenConsole, server: Server) -> None:
    admin = Administrator(server.url)
    name = admin.create("Óptica", content="Consertamos instrumentos de óptica.", questions=["óptica?"])["id"]
    ask(server, ALIKE)
    page = open_console("unanswered")
    asked = group(page, ALIKE)
    asked.locator("summary").click()
    asked.get_by_label("acrescentar à entrada").fill(name)
    asked.get_by_role("button", name="Comparar antes e depois").click()
    asked.get_by_role("button", name="Acrescentar a “Óptica”").click()
    expect(asked.get_by_text("Acrescentado; agora é a versão 2")).to_be_visible()
    assert admin.ask("GET", f"/knowledge/{name}").json()["questions"] == ["óptica?", ALIKE]
    page.get_by_role("link", name="Perguntas de regressão").click()
    row = page.locator("knowledge-regression tr", has_text=ALIKE)
    expect(row).to_contain_text(name)
    page.get_by_label("Pergunta", exact=True).fill("como pagar?")
    page.get_by_label("Entrada esperada").fill("nenhuma")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Essa entrada não existe.")).to_be_visible()
    page.get_by_label("Entrada esperada").fill(name)
    page.get_by_role("button", name="Guardar").click()
    failures = page.get_by_role("region", name="Perguntas que não encontram")
    expect(failures).to_contain_text("como pagar?")
    page.get_by_role("button", name="Apagar “como pagar?”").click()
    page.get_by_role("dialog").get_by_role("button", name="Sim").click()
    expect(page.get_by_text("como pagar?")).to_have_count(0)
    admin.close()
