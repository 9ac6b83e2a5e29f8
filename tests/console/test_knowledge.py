"""The knowledge in the console: written, changed by two at once, found, imported and exported."""

import re
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.administrator import Administrator, entry
from tests.axe import AXE, violations
from tests.console.conftest import OpenConsole

FULL: dict[str, Any] = entry(
    "Zabumba", content="Consertamos **zabumbas** por R$ 77.", audience="clients", keywords=["tambor"],
    questions=["quanto custa zabumba?"], related=["service-limpeza"], followUps=["E atabaque?"], price="R$ 77",
    providers="Luthiers", url="/zabumba", steps=["Peça"], links=[{"label": "Pedir", "url": "/services/"}], active=True,
)  # fmt: skip

# A page, and what is there when it has been loaded.
PLACES = {
    "knowledge": "Nova entrada",
    "knowledge/service-limpeza": "Apagar para sempre",
    "search?q=quanto custa a faxna zorblax": "De que é feita a nota",
    "import": "Exportar",
    "unanswered/regression": "Guardar",
    "unanswered": "De",
}


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def field(page: Page, label: str) -> Locator:
    return page.locator(".field", has=page.get_by_text(label, exact=True))


def box(page: Page, label: str) -> Locator:
    return field(page, label).locator("input, textarea")


def saved(page: Page, version: int) -> None:
    expect(page.get_by_role("status").filter(has_text=f"Salvo como versão {version}")).to_be_visible()


def confirm(page: Page, answer: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=answer).click()


def test_an_entry_is_written_with_its_faults_beside_their_fields(
    open_console: OpenConsole, admin: Administrator
) -> None:
    page = open_console("knowledge")
    page.get_by_role("link", name="Nova entrada").click()
    box(page, "Título").fill("  ")
    box(page, "Conteúdo").fill("Afinamos **pianos**.\n\n- em casa")
    button(page, "Salvar").click()
    expect(field(page, "Título")).to_contain_text("Escreva um título")
    box(page, "Título").fill("Piano")
    box(page, "Perguntas alternativas").fill("afinam piano?\n\n" + "x" * 501 + "\n")
    button(page, "Salvar").click()
    expect(field(page, "Perguntas alternativas")).to_contain_text("Linha 2: Até 100")
    box(page, "Perguntas alternativas").fill("afinam piano?\n\nafinador\n")
    expect(page.get_by_role("region", name="Como aparece").locator("strong")).to_have_text("pianos")
    button(page, "Salvar").click()
    saved(page, 1)
    name = page.url.rpartition("/")[2]
    assert admin.ask("GET", f"/knowledge/{name}").json()["questions"] == ["afinam piano?", "afinador"]
    page.reload()
    expect(box(page, "Título")).to_have_value("Piano")


def test_who_was_slower_sees_the_other_change_and_loses_nothing(
    open_console: OpenConsole, admin: Administrator
) -> None:
    made = admin.ask("POST", "/knowledge", FULL).json()
    page = open_console(f"knowledge/{made['id']}")
    box(page, "Título").fill("Zabumba e afins")
    theirs = {**FULL, "content": "Agora por R$ 88.", "price": "R$ 88"}
    admin.ask("PUT", f"/knowledge/{made['id']}", theirs, 1)
    button(page, "Salvar").click()
    conflict = page.get_by_role("alert")
    expect(conflict).to_contain_text("Alguém mudou esta entrada")
    expect(conflict).to_contain_text("Agora por R$ 88.")
    button(page, "Ficar com o meu").click()
    button(page, "Salvar").click()
    saved(page, 3)
    kept = admin.ask("GET", f"/knowledge/{made['id']}").json()
    assert kept.items() >= {**theirs, "title": "Zabumba e afins"}.items()


def test_what_is_not_saved_is_not_left_without_asking(open_console: OpenConsole) -> None:
    page = open_console("knowledge/service-limpeza")
    box(page, "Título").fill("Faxina")
    page.get_by_role("link", name="Avisos").click()
    confirm(page, "Não")
    expect(box(page, "Título")).to_have_value("Faxina")
    page.get_by_role("link", name="Avisos").click()
    confirm(page, "Sim")
    expect(page.get_by_role("heading", level=1)).to_have_text("Avisos")


def test_an_entry_is_turned_off_restored_and_removed(open_console: OpenConsole, admin: Administrator) -> None:
    made = admin.ask("POST", "/knowledge", FULL).json()
    page = open_console(f"knowledge/{made['id']}")
    button(page, "Salvar e desativar").click()
    saved(page, 2)
    expect(page.get_by_text("Desativada", exact=True)).to_be_visible()
    page.get_by_text("Versões", exact=True).click()
    expect(page.locator("knowledge-history li").first).to_contain_text("Ativa")
    button(page, "Restaurar a versão 1").click()
    confirm(page, "Sim")
    saved(page, 3)
    assert admin.ask("GET", f"/knowledge/{made['id']}").json().items() >= FULL.items()
    button(page, "Apagar para sempre").click()
    confirm(page, "Sim")
    expect(button(page, "Buscar")).to_be_visible()
    assert admin.ask("GET", f"/knowledge/{made['id']}").status_code == 404


def test_entries_are_found_by_who_may_only_read(open_console: OpenConsole) -> None:
    page = open_console("knowledge", role="viewer")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(30)
    button(page, "Mostrar mais").click()
    expect(rows).to_have_count(60)
    page.get_by_label("Categoria").select_option("service")
    page.get_by_role("searchbox").fill("faxina")
    page.get_by_role("searchbox").press("Enter")
    expect(rows.filter(has_text="service-limpeza")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("link", name="Limpeza", exact=True).click()
    expect(box(page, "Título")).to_be_disabled()
    expect(button(page, "Salvar")).to_have_count(0)


def test_the_search_says_why_it_found_what_it_found(open_console: OpenConsole) -> None:
    page = open_console("search")
    page.get_by_label("Pergunta", exact=True).fill("quanto custa a faxna zorblax?")
    button(page, "Testar").click()
    first = page.locator(".found > li").first
    expect(first).to_contain_text("service-limpeza")
    expect(first.locator(".match").first).to_have_text(re.compile(r"faxna\s*→\s*limpeza"))
    expect(page.locator(".chip", has_text="faxna")).to_contain_text("→ faxina")
    expect(page.locator(".chip", has_text="zorblax")).to_contain_text("desconhecida")
    first.get_by_text("De que é feita a nota").click()
    expect(first.get_by_text("Letras em comum com uma frase", exact=True)).to_be_visible()
    page.get_by_label("Pergunta", exact=True).fill("to sentindo cheiro de gás")
    button(page, "Testar").click()
    expect(page.get_by_role("status")).to_contain_text("Responderia")
    expect(first).to_contain_text("É uma das perguntas desta entrada")


def csv(*rows: str) -> FilePayload:
    text = "\n".join(("id;category;title;content", *rows))
    return {"name": "knowledge.csv", "mimeType": "text/csv", "buffer": text.encode()}


def test_a_file_is_tried_row_by_row_before_it_goes_in(open_console: OpenConsole, admin: Administrator) -> None:
    page = open_console("import")
    page.get_by_label("Arquivo").set_input_files({**csv("x"), "buffer": "título;texto".encode()})
    expect(page.get_by_text("Linha 1:").first).to_be_visible()
    page.get_by_label("Arquivo").set_input_files(csv("harpa;faq;Harpa;Afinamos harpas.", "lira;news;Lira;Também."))
    report = page.get_by_role("region", name="Linha por linha")
    expect(report.locator("tbody tr").first).to_have_text(re.compile(r"3\s*Recusada.*Categoria: Escolha uma categoria"))
    apply = button(page, "Aplicar alterações (1)")
    expect(apply).to_be_disabled()
    assert admin.ask("GET", "/knowledge/harpa").status_code == 404
    page.get_by_label("Aplicar as linhas boas").check()
    apply.click()
    expect(page.get_by_role("status")).to_contain_text("Aplicado")
    assert admin.ask("GET", "/knowledge/harpa").json()["title"] == "Harpa"
    with page.expect_download() as download:
        button(page, "Baixar CSV (planilha)").click()
    assert "Afinamos harpas." in download.value.path().read_text("utf-8")
    assert download.value.suggested_filename == "knowledge.csv"


def test_a_large_file_is_followed_to_its_end(open_console: OpenConsole) -> None:
    page = open_console("import")
    page.get_by_label("Arquivo").set_input_files(csv(*(f"e{n};faq;T{n};Texto {n}." for n in range(501))))
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator(".card", has_text="Criadas")).to_contain_text("501")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(open_console: OpenConsole, scheme: str) -> None:
    phone = {"width": 360, "height": 740}
    page = open_console("knowledge", color_scheme=scheme, viewport=phone, bypass_csp=True)
    page.evaluate(AXE)
    for place, shown in PLACES.items():
        page.evaluate("(place) => { location.hash = '#/' + place }", place)
        expect(page.get_by_text(shown, exact=True).first).to_be_visible()
        assert violations(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, place
