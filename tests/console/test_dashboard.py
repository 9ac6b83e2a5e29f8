"""The dashboard: the figures of the REST API, as cards, charts and tables, for the days that were asked for."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.administrator import KEYS, Administrator
from tests.axe import AXE, violations
from tests.console.conftest import OpenConsole
from tests.rest.counted import Counted
from tests.server import Server

PHONE = {"width": 360, "height": 740}
CARDS = 12
CHARTS = 12
VOLUME = "Conversas e perguntas por dia"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    with Counted(tmp_path_factory.mktemp("dashboard") / "data") as made:
        yield made


@pytest.fixture(scope="module")
def server(counted: Counted) -> Server:
    return counted.server


def answered(server: Server, path: str) -> Any:
    with Administrator(server.url, KEYS["viewer"]) as viewer:
        return viewer.ask("GET", f"/analytics/{path}").json()


def card(page: Page, title: str) -> Locator:
    return page.locator(".card").filter(has=page.locator("dt", has_text=title)).locator("dd").first


def figure(page: Page, title: str) -> Locator:
    return page.get_by_role("figure").filter(has=page.get_by_role("heading", name=title, exact=True))


def spelled(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def saved(page: Page, button: Locator) -> tuple[str, str]:
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_text("utf-8-sig")


@pytest.mark.requirement("R7.2")
def test_the_figures_are_those_of_the_days_and_people_asked_for(open_console: OpenConsole, counted: Counted) -> None:
    page = open_console("dashboard", role="viewer")
    since = counted.today - timedelta(days=6)
    told = counted.figures(since, counted.today)
    expect(card(page, "Conversas")).to_have_text(spelled(told["sessions"]))
    page.get_by_role("link", name="30 dias").click()
    ever = counted.figures(date.min, date.max)
    assert ever["sessions"] > told["sessions"]
    expect(card(page, "Conversas")).to_have_text(spelled(ever["sessions"]))
    page.get_by_label("Perfil").select_option("provider")
    providers = counted.figures(date.min, date.max, "provider")
    expect(card(page, "Conversas")).to_have_text(spelled(providers["sessions"]))
    expect(page.get_by_role("link", name="30 dias")).to_have_attribute("aria-current", "true")
    expect(page.get_by_label("Perfil")).to_have_value("provider")
    page.get_by_label("De", exact=True).fill(str(since))
    page.get_by_label("Até", exact=True).fill(str(since + timedelta(days=4)))
    page.get_by_role("button", name="Mostrar").click()
    five = counted.figures(since, since + timedelta(days=4), "provider")
    expect(card(page, "Conversas")).to_have_text(spelled(five["sessions"]))
    page.go_back()
    expect(card(page, "Conversas")).to_have_text(spelled(providers["sessions"]))


@pytest.mark.requirement("R7.2")
def test_every_chart_is_told_in_words_and_has_its_table_and_its_file(open_console: OpenConsole, server: Server) -> None:
    page = open_console("dashboard?days=30", role="viewer")
    expect(page.get_by_role("figure")).to_have_count(CHARTS)
    expect(page.locator("figure canvas")).to_have_count(6)
    assert all(one.get_attribute("aria-label") for one in page.locator("figure [role=img]").all())
    for one in page.get_by_role("figure").all():
        one.locator("summary").click()
        assert one.locator("tbody tr").count()
    days = answered(server, "daily?days=30")["items"]
    name, text = saved(page, figure(page, VOLUME).get_by_role("button", name="CSV"))
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert name == f"volume-{days[0]['date']}.csv" and rows[0] == ["Dia", "Conversas", "Perguntas", "Mensagens"]
    counts = [[day["date"], *(str(day["cards"][one]) for one in ("sessions", "turns", "messages"))] for day in days]
    assert rows[1:] == counts
    _, text = saved(page, figure(page, "Perguntas por hora da semana").get_by_role("button", name="CSV"))
    hours = [row[1:] for row in csv.reader(io.StringIO(text), delimiter=";")][1:]
    week = answered(server, "summary?days=30")["hourOfWeek"]["turns"]
    assert [[int(cell) for cell in row] for row in zip(*hours, strict=True)] == week


def test_a_chart_is_drawn_and_tells_the_day_that_is_pointed_at(open_console: OpenConsole, server: Server) -> None:
    page = open_console("dashboard?days=30")
    chart = figure(page, VOLUME)
    expect(chart).to_be_visible()
    tops = "nodes => nodes.slice(0, 2).map(one => one.getBoundingClientRect().top)"
    first, second = page.get_by_role("figure").evaluate_all(tops)
    assert first == second
    plot = chart.locator(".u-over")
    plot.scroll_into_view_if_needed()
    drawn = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size"
    assert chart.locator("canvas").evaluate(drawn) > 10
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + 20)
    last = answered(server, "daily?days=30")["items"][-1]["cards"]
    expect(chart.locator(".legend b")).to_have_text([spelled(last["sessions"]), spelled(last["turns"])])
    page.mouse.move(0, 0)
    expect(chart.locator(".legend b")).to_have_count(0)


@pytest.mark.requirement("R7.5")
def test_the_weekly_report_is_taken_along_in_four_forms(open_console: OpenConsole, counted: Counted) -> None:
    page = open_console("dashboard", role="viewer")
    form = page.get_by_role("region", name="Relatório semanal")
    week = answered(counted.server, "reports/weekly")["week"]
    expect(form.get_by_label("Semana")).to_have_value(week)
    taken = {name: saved(page, form.get_by_role("button", name=name)) for name in ("Página", "Markdown", "CSV", "JSON")}
    assert [name for name, _ in taken.values()] == [f"{week}.{kind}" for kind in ("html", "md", "csv", "json")]
    assert "<h1>Relatório semanal</h1>" in taken["Página"][1] and json.loads(taken["JSON"][1])["week"] == week
    before = form.get_by_label("Semana").locator("option").nth(1).get_attribute("value")
    form.get_by_label("Semana").select_option(before)
    assert saved(page, form.get_by_role("button", name="CSV"))[0] == f"{before}.csv" != f"{week}.csv"


def test_days_without_anything_say_so(open_console: OpenConsole) -> None:
    page = open_console("dashboard?from=2001-01-01&to=2001-02-01")
    expect(page.get_by_text("Não houve conversas neste período.")).to_be_visible()
    expect(page.get_by_role("figure")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 640, 900, 1280, 1600, 1920])
def test_every_figure_fits_its_card(open_console: OpenConsole, width: int) -> None:
    page = open_console("dashboard?days=30", viewport={"width": width, "height": 800})
    expect(page.locator(".card")).to_have_count(CARDS)
    figures = page.locator(".card dd:not(.quiet)")
    figures.evaluate_all("nodes => nodes.forEach(one => { one.textContent = 'US$\\u00a01.234,56'; })")
    assert figures.evaluate_all("nodes => nodes.filter(one => one.scrollWidth > one.clientWidth).length") == 0
    rows = page.locator(".card").evaluate_all("nodes => nodes.map(one => one.offsetTop)")
    assert len({rows.count(top) for top in rows}) == 1


def test_it_is_usable_on_a_phone_in_any_colours(open_console: OpenConsole) -> None:
    page = open_console("dashboard?days=30", viewport=PHONE, bypass_csp=True)
    expect(page.get_by_role("figure")).to_have_count(CHARTS)
    for one in page.locator("summary").all():
        one.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    right = page.locator("main").evaluate("one => one.getBoundingClientRect().right")
    ends = "nodes => nodes.map(one => one.getBoundingClientRect().right)"
    assert max(page.locator("main :is(button, a, select, input, figure)").evaluate_all(ends)) <= right
    small = "nodes => nodes.filter(one => one.getBoundingClientRect().height < 44).map(one => one.textContent)"
    assert page.locator("main :is(button, a, summary, select, input)").evaluate_all(small) == []
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
