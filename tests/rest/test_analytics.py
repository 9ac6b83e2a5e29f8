"""Administrators see the figures: over REST, and as a report to forward."""

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.analytics import calendar
from chalicelib.knowledge import seed
from tests.administrator import KEYS, Administrator
from tests.rest.counted import Counted
from tests.rest.test_knowledge import problem
from tests.server import Server

EVER = "?from=2020-01-01&to=2100-01-01"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    with Counted(tmp_path_factory.mktemp("analytics") / "data") as made:
        yield made


@pytest.fixture(scope="module")
def server(counted: Counted) -> Server:
    return counted.server


def asked(viewer: Administrator, path: str) -> Any:
    answer = viewer.ask("GET", f"/analytics/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.requirement("R7.2")
def test_a_summary_has_the_figures_of_its_days_and_of_those_before(viewer: Administrator, counted: Counted) -> None:
    found = asked(viewer, "summary")
    since = counted.today - timedelta(days=6)
    assert (found["from"], found["to"], found["timeZone"]) == (str(since), str(counted.today), "America/Sao_Paulo")
    assert datetime.fromisoformat(found["countedUntil"]).timestamp() == counted.until * 3600
    told, cards = counted.figures(since, counted.today), found["cards"]
    ended = told["outcomes"]
    assert cards["sessions"] == told["sessions"] > 30
    assert cards["messagesBySender"] == told["messages"] and cards["messages"] == sum(told["messages"].values())
    assert {name: cards["resolution"][name] for name in ("confirmed", "assumed", "unresolved", "reopened", "open")} == {
        name: ended[name] for name in ("confirmed", "assumed", "unresolved", "reopened", "open")
    }
    decided = sum(ended.values()) - ended["open"] - ended["nothing_asked"]
    assert cards["resolution"]["rate"] == pytest.approx((ended["confirmed"] + ended["assumed"]) / decided, abs=1e-4)
    assert cards["cacheHitRate"] == pytest.approx(told["cached"] / told["turns"], abs=1e-4)
    assert cards["costUsd"] == pytest.approx(told["cost_micro_usd"] / 1e6)
    assert cards["response"]["p95"] == pytest.approx(
        sorted(told["response"])[round(0.95 * len(told["response"])) - 1], rel=0.1
    )
    before = counted.figures(since - timedelta(days=7), since - timedelta(days=1))
    assert found["previous"]["turns"] == before["turns"] > 0
    assert sum(map(sum, found["hourOfWeek"]["turns"])) == told["turns"]
    assert found["intents"] == told["intents"] and found["actions"] == told["actions"]


@pytest.mark.parametrize("kind", ["client", "provider", "anonymous"])
def test_a_user_type_is_counted_by_itself(viewer: Administrator, counted: Counted, kind: str) -> None:
    found = asked(viewer, f"summary{EVER}&userType={kind}")
    told = counted.figures(date.min, date.max, kind)
    assert (found["cards"]["sessions"], found["cards"]["turns"]) == (told["sessions"], told["turns"])
    assert [one["userType"] for one in found["userTypes"]] == [kind]


@pytest.mark.requirement("R7.2")
def test_every_day_of_the_series_is_its_own(viewer: Administrator, counted: Counted) -> None:
    days = asked(viewer, f"daily{EVER}")["items"]
    assert [day["date"] for day in days] == sorted(day["date"] for day in days) and len(days) >= 14
    for day in days:
        told = counted.figures(*[date.fromisoformat(day["date"])] * 2)
        assert (day["cards"]["sessions"], day["cards"]["turns"]) == (told["sessions"], told["turns"])


def test_as_many_days_as_are_asked_for_end_today(viewer: Administrator, counted: Counted) -> None:
    for days in (1, 30, 400):
        found = asked(viewer, f"summary?days={days}")
        since = counted.today - timedelta(days=days - 1)
        assert (found["from"], found["to"]) == (str(since), str(counted.today))
    assert found["cards"]["turns"] == counted.figures(date.min, date.max)["turns"]


def test_topics_are_those_most_asked_for_by_their_title(viewer: Administrator, counted: Counted) -> None:
    found = asked(viewer, f"topics{EVER}&limit=5")["items"]
    told = counted.figures(date.min, date.max)
    titles = {entry.id: entry.title for entry in seed.entries()}
    assert [one["sessions"] for one in found] == [count for _, count in told["session_topics"].most_common(5)]
    for one in found:
        entry = one["entryId"]
        assert one["title"] == titles[entry]
        assert (one["sessions"], one["turns"]) == (told["session_topics"][entry], told["topics"][entry])
        assert one["unresolved"] == told["unresolved_topics"][entry]


def test_days_without_anything_are_empty_and_no_error(viewer: Administrator) -> None:
    for path in ("summary", "daily", "topics"):
        for days in ("?from=2001-01-01&to=2001-02-01", "?from=2026-02-02&to=2026-02-01", "?to=0001-01-01"):
            found = asked(viewer, path + days)
            assert not found.get("items") and not found.get("cards", {}).get("sessions")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("summary?from=yesterday", "from"),
        ("daily?to=2026-02-30", "to"),
        ("topics?limit=0", "limit"),
        ("summary?userType=robot", "userType"),
        ("reports/weekly?week=47", "week"),
        ("reports/weekly?format=pdf", "format"),
        ("daily?days=0", "days"),
        ("daily?weeks=1", "weeks"),
    ],
)
def test_what_is_asked_wrongly_is_named(viewer: Administrator, path: str, field: str) -> None:
    problem(viewer.ask("GET", f"/analytics/{path}"), 400, field)


@pytest.mark.parametrize("week", ["2025-W53", "2026-W00", "0000-W01", "9999-W52", "0001-W01"])
def test_a_week_that_there_is_not_is_not_found(viewer: Administrator, week: str) -> None:
    problem(viewer.ask("GET", f"/analytics/reports/weekly?week={week}"), 404, "week")


@pytest.mark.requirement("R7.5")
def test_the_weekly_report_has_topics_resolution_and_problems(viewer: Administrator, counted: Counted) -> None:
    found = asked(viewer, "reports/weekly")
    sunday = counted.monday + timedelta(days=6)
    assert (found["week"], found["from"], found["to"]) == (
        calendar.week_of(counted.monday), str(counted.monday), str(sunday)
    )  # fmt: skip
    told = counted.figures(counted.monday, sunday)
    assert found["cards"]["turns"] == told["turns"] and len(found["days"]) == 7
    assert sum(day["cards"]["turns"] for day in found["days"]) == told["turns"]
    assert {one["kind"]: one["count"] for one in found["problems"]}["unknown"] == told["unknown"]
    assert found["topics"][0]["sessions"] == max(told["session_topics"].values())
    by_hour = [sum(n for at, n in told["turns_by_hour"].items() if at.endswith(f"-{hour}")) for hour in range(24)]
    assert found["turnsByHour"] == by_hour and found["peakHours"][0]["turns"] == max(by_hour)


@pytest.mark.requirement("R7.5")
@pytest.mark.parametrize(("locale", "title"), [("pt-BR", "Relatório semanal"), ("en", "Weekly report")])
def test_the_report_can_be_forwarded_in_both_languages(
    viewer: Administrator, counted: Counted, locale: str, title: str
) -> None:
    told = counted.figures(counted.monday, counted.monday + timedelta(days=6))
    forms = {name: report(viewer, name, locale) for name in ("markdown", "html", "csv")}
    assert f"# {title}" in forms["markdown"] and f"<h1>{title}</h1>" in forms["html"]
    rows = list(
        csv.reader(io.StringIO(forms["csv"].removeprefix("\ufeff")), delimiter=";" if locale == "pt-BR" else ",")
    )
    assert forms["csv"].startswith("\ufeff") and len({len(row) for row in rows if row[0] == rows[0][0]}) == 1
    for form in forms.values():
        plain = html.unescape(form).replace('""', '"').replace("\\", "")
        assert all(topic in plain for topic in _titles_of(viewer))
        assert str(told["sessions"]) in form and "None" not in form and "KeyError" not in form


def report(viewer: Administrator, form: str, locale: str) -> str:
    answer = viewer.ask("GET", f"/analytics/reports/weekly?format={form}&locale={locale}")
    assert answer.status_code == 200 and form.replace("markdown", "md")[:2] in answer.headers["content-disposition"]
    return answer.content.decode()


def _titles_of(viewer: Administrator) -> list[str]:
    return [topic["title"] for topic in asked(viewer, "reports/weekly")["topics"]]


def test_the_page_loads_and_runs_nothing_and_each_chart_has_its_table(viewer: Administrator) -> None:
    page = report(viewer, "html", "en")
    assert not re.search(r"<script|<link|<img|src=|href=|url\(|@import", page)
    sections = re.findall(r"<section>.*?</section>", page, re.DOTALL)
    assert len(sections) >= 6 and all("<table>" in section for section in sections)
    assert page.count("<svg") == 3 == page.count('role="img" aria-label="')


@pytest.mark.parametrize("role", ["", "nobody", *KEYS])
def test_every_role_reads_and_nobody_else(counted: Counted, role: str) -> None:
    with Administrator(counted.server.url, KEYS.get(role, role)) as somebody:
        for path in ("summary", "daily", "topics", "reports/weekly"):
            assert somebody.ask("GET", f"/analytics/{path}").status_code == (200 if role in KEYS else 401)
