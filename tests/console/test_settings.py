"""The settings in force and the state of what the assistant depends on."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.administrator import ADMIN_KEYS
from tests.axe import AXE, violations
from tests.console.conftest import OpenConsole
from tests.server import Server

SICK = {
    "status": "degraded",
    "store": "unavailable",
    "cache": "unavailable",
    "model": {"name": "gpt", "state": "skipped"},
    "activeSessions": 0,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = tmp_path_factory.mktemp("data")
    running = Server(
        made, ADMIN_KEYS=ADMIN_KEYS, ASSISTANT_NAME="Bia", IDENTITY_KEYS="a-secret-of-more-than-32-characters"
    )
    yield running
    running.stop()


def row(page: Page, name: str) -> list[str]:
    found = page.get_by_role("row").filter(has=page.locator("code", has_text=name)).first
    return [cell.inner_text() for cell in found.get_by_role("cell").all()][:2]


def test_settings_are_shown_with_their_defaults_and_secrets_are_not(open_console: OpenConsole) -> None:
    page = open_console("settings", role="viewer")
    expect(page.get_by_role("heading", name="Configuração em vigor")).to_be_visible()
    assert row(page, "ASSISTANT_NAME") == ["Bia", "Sophie"]
    assert row(page, "IDENTITY_KEYS") == ["definida (oculta)", "–"] and row(page, "OPENAI_API_KEY")[0] == "não definida"
    assert "a-secret-of" not in page.content() and ADMIN_KEYS[-64:] not in page.content()
    page.get_by_label("Procurar").fill("phone whatsapp")
    expect(page.get_by_text("Nenhuma variável corresponde.")).to_be_visible()
    page.get_by_label("Procurar").fill("assistant")
    page.get_by_label("Só o que difere do padrão").check()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_what_does_not_work_is_named_though_the_assistant_is_unwell(open_console: OpenConsole) -> None:
    page = open_console("settings", role="viewer")
    health = page.get_by_role("region", name="Saúde")
    expect(health.locator(".badge")).to_have_text(["funciona"] * 4)
    page.route("**/api/v1/health", lambda route: route.fulfill(status=503, body=json.dumps(SICK)))
    page.get_by_role("button", name="Verificar de novo").click()
    expect(health.locator(".badge")).to_have_text(["com falhas", "não responde", "não responde", "em pausa"])
    expect(health).to_contain_text("as respostas vêm só da base")


def test_it_is_usable_on_a_phone_in_any_colours(open_console: OpenConsole) -> None:
    page = open_console("settings", viewport={"width": 360, "height": 740}, bypass_csp=True)
    expect(page.locator("tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
