"""Getting into the console, and out."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.administrator import Administrator
from tests.axe import AXE, violations
from tests.console.conftest import REFUSALS, OpenConsole
from tests.server import Server
from tests.visits import visits

MENU = {
    "viewer": "Painel Conversas Atendimento Conhecimento Testar busca Sem resposta Avisos Configuração",
    "admin": "Painel Conversas Atendimento Conhecimento Testar busca Sem resposta Importar Avisos Configuração",
}


def link_of(server: Server) -> str:
    return next(line.split()[-1] for line in server.lines if line.startswith("Console"))


@pytest.mark.parametrize("role", MENU)
def test_the_menu_has_what_the_role_may_see(open_console: OpenConsole, role: str) -> None:
    page = open_console(role=role)
    expect(page.get_by_role("navigation")).to_have_text(re.compile(r"\s*".join(MENU[role].split())))
    page.get_by_role("link", name="Avisos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Avisos")
    expect(page.get_by_role("link", name="Avisos")).to_have_attribute("aria-current", "page")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Avisos")
    page.get_by_role("button", name="Sair").click()
    page.reload()
    expect(page.get_by_label("Chave de administrador")).to_be_focused()


def test_a_key_of_nobody_is_refused_in_words(chromium: Browser, server: Server) -> None:
    with visits(chromium, server.url, remarks=REFUSALS) as visit:
        page = visit("admin")
        page.get_by_label("Chave de administrador").fill("não é esta")
        page.get_by_role("button", name="Entrar").click()
        expect(page.get_by_role("alert")).to_contain_text("não é de ninguém")


def test_the_link_of_the_start_works_once_and_leaves_no_trace_in_the_address(chromium: Browser, server: Server) -> None:
    link = link_of(server)
    with visits(chromium, server.url, remarks=REFUSALS) as visit:
        page = visit(link.removeprefix(server.url).removeprefix("/"))
        expect(page.get_by_role("navigation")).to_be_visible()
        assert "link" not in page.url
        page.reload()
        expect(page.get_by_role("navigation")).to_be_visible()
        other = visit(link.removeprefix(server.url).removeprefix("/"))
        expect(other.get_by_role("alert")).to_contain_text("já foi usado")


def test_a_link_is_no_pass_and_a_resume_token_neither(server: Server) -> None:
    with server.visit() as browser:
        for token in (link_of(server).partition("=")[2], browser.resume_token):
            with Administrator(server.url, token) as somebody:
                assert somebody.ask("GET", "/me").status_code == 401


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_the_door_or_behind_it(open_console: OpenConsole, scheme: str) -> None:
    page = open_console(color_scheme=scheme, bypass_csp=True)
    page.evaluate(AXE)
    assert violations(page) == []
    page.get_by_role("button", name="Sair").click()
    expect(page.get_by_label("Chave de administrador")).to_be_visible()
    assert violations(page) == []
