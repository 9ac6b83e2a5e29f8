"""Counting as it is run: on a schedule, from the command line, for the demo; and where it is kept."""

import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.adapters.dynamodb_rollups import MOST_PARTS, DynamoDBRollups
from chalicelib.adapters.sqlite_rollups import SQLiteRollups
from chalicelib.analytics import calendar, pages, rollups
from chalicelib.analytics.figures import Figures
from chalicelib.analytics.pages import harmless
from chalicelib.analytics.ports import Contribution, Rollups
from chalicelib.analytics.sessions import Part
from chalicelib.analytics.summaries import Cards
from chalicelib.chat.texts import LOCALES
from chalicelib.entrypoints import jobs
from chalicelib.knowledge import seed
from chalicelib.services import DATABASE, Services
from chalicelib.settings import from_environment
from demo.fortnight import conversations
from demo.store import write
from tests.chat.room import Outbox, Queue
from tests.dynamodb import Table
from tests.server import ROOT


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """With conversations of the last days, none of them counted."""
    now = int(time.time() * 1000)
    write(tmp_path / DATABASE, conversations(seed.entries(), now, days=10, count=60))
    return Services(from_environment({"DATA_DIR": str(tmp_path)}), Outbox(), Queue())


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Rollups:
    if request.param == "sqlite":
        return SQLiteRollups(None)
    return DynamoDBRollups(request.getfixturevalue("table").settings)


def sessions(services: Services) -> int:
    days = services.counting.rollups.days(date(2020, 1, 1), date(2100, 1, 1))
    return sum(one.sessions for row in days.values() for one in row.values())


def test_the_schedule_counts_the_last_days_then_what_is_new(services: Services) -> None:
    jobs.rollup(services)
    counted, until = sessions(services), services.counting.rollups.rolled_until()
    assert 0 < counted < 60 and until == services.ports.clock.now() // 3_600_000
    jobs.rollup_daily(services)
    assert (sessions(services), services.counting.rollups.rolled_until()) == (counted, until)


def test_nothing_is_counted_where_it_is_switched_off(services: Services) -> None:
    jobs.rollup(Services(replace(services.settings, enable_analytics=False), Outbox(), Queue()))
    assert sessions(services) == 0


@pytest.mark.requirement("R7.5")
def test_the_weeks_report_is_written_in_every_form_and_language(services: Services, tmp_path: Path) -> None:
    jobs.weekly_report(services)
    today = services.counting.today(services.ports.clock.now())
    week = calendar.week_of(calendar.last_monday(today))
    names = {f"report-{week}.{locale}.{ending}" for locale in LOCALES for ending in pages.ENDINGS.values()}
    assert {path.name for path in (tmp_path / "blobs").glob("report-*")} == names


def command(module: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, "-m", module, *arguments]
    environment = {"PATH": os.environ["PATH"], **settings}
    return subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100)


def test_days_are_counted_again_from_the_command_line(services: Services, tmp_path: Path) -> None:
    since = services.counting.today(services.ports.clock.now()) - timedelta(days=11)
    told = command("chalicelib.entrypoints.rollup", "--from", str(since), "--to", "", DATA_DIR=str(tmp_path))
    assert told.returncode == 0 and "hours counted" in told.stdout, told.stderr
    assert sessions(services) >= 58  # those of the hour that goes on are not counted yet
    for wrong in (["--from", "yesterday"], ["--to", "2026-02-30"]):
        assert command("chalicelib.entrypoints.rollup", *wrong, DATA_DIR=str(tmp_path)).returncode == 2


def test_a_zone_that_is_none_stops_the_start_with_one_line(tmp_path: Path) -> None:
    settings = {"DATA_DIR": str(tmp_path), "TIME_ZONE": "Asia/Kolkata"}
    for module, arguments in (
        ("runtime", ("app.py", "--port", "0", "--data-dir", str(tmp_path))),
        ("chalicelib.entrypoints.rollup", ()),
    ):
        told = command(module, *arguments, **settings)
        assert told.returncode == 2 and told.stderr.count("\n") == 1 and "TIME_ZONE" in told.stderr, told.stderr


def test_the_demo_is_written_once_and_counted(tmp_path: Path) -> None:
    settings = {"DATA_DIR": str(tmp_path / "demo")}
    first, second = (command("demo", **settings) for _ in range(2))
    assert "are counted" in first.stdout and "already" in second.stdout, first.stderr
    made = Services(from_environment(settings))
    assert sessions(made) >= 1_950
    today = made.counting.today(int(time.time() * 1000))
    days = made.counting.rollups.days(calendar.last_monday(today) - calendar.WEEK, today)
    assert len(days) >= 14


def test_what_is_contributed_is_replaced_and_goes(store: Rollups) -> None:
    many = tuple(Part(session_id=f"s{n}", opened=True) for n in range(2 * MOST_PARTS + 1))
    store.replace(7, 5, Contribution({"client": Figures(turns=3)}, many))
    store.replace(7, 6, Contribution(parts=many[:1]))
    store.replace(8, 5, Contribution(parts=many[:1]))
    kept = store.contributions(7)
    assert sum(len(one.parts) for one in kept) == len(many) + 1
    assert [one.turns["client"].turns for one in kept if one.turns] == [3]
    store.replace(7, 5, Contribution(parts=many[:2]))
    assert sum(len(one.parts) for one in store.contributions(7)) == 3
    store.replace(7, 5, None)
    store.replace(7, 6, None)
    assert store.contributions(7) == [] and len(store.contributions(8)) == 1


def test_the_rest_of_the_store(store: Rollups) -> None:
    assert (store.rolled_until(), store.targets(3), store.hours(0, 9)) == (0, frozenset(), {})
    store.save_rolled_until(9)
    store.save_targets(3, {2, 3})
    for hour in (3, 4, 5):
        store.save_hour(hour, {"client": Figures(turns=hour)})
        store.save_day(date(2026, 11, hour), {"client": Figures(turns=hour)})
    assert (store.rolled_until(), store.targets(3)) == (9, {2, 3})
    assert [(hour, row["client"].turns) for hour, row in store.hours(3, 5).items()] == [(3, 3), (4, 4)]
    assert list(store.days(date(2026, 11, 4), date(2026, 11, 30))) == [date(2026, 11, 4), date(2026, 11, 5)]
    assert store.days(date(2026, 11, 4), date(2026, 11, 3)) == {}


def test_a_busy_hour_fits_in_the_items_of_dynamodb(table: Table) -> None:
    """400 KB are an item's limit; the ids are of the product's length, which does not compress."""
    parts = tuple(_full(1_800_000_000_000 + n) for n in range(MOST_PARTS))
    assert len(msgspec.json.encode(Contribution(parts=parts))) > 200_000
    store = DynamoDBRollups(table.settings)
    store.replace(7, 7, Contribution(parts=parts))
    assert store.contributions(7) == [Contribution(parts=parts)]


def _full(at: int) -> Part:
    return Part(
        session_id=os.urandom(12).hex(),
        user_type=(at, "anonymous"),
        opened=True,
        turns=(at, at),
        last=(at, True),
        topics=("service-limpeza",),
        verdicts={f"feedback#{os.urandom(12).hex()}-4a": (at, True)},
        rating=(at, 5),
    )


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"a{cell}") == f"a{cell}"


def test_the_page_has_every_figure() -> None:
    page = (ROOT / "docs" / "analytics.md").read_text("utf-8")
    for field in msgspec.structs.fields(Cards):
        assert f'"{field.encode_name}"' in page, field.encode_name


def test_an_hour_is_due_once_it_has_ended() -> None:
    counting = rollups.Counting(None, SQLiteRollups(None), calendar.zone_of("America/Sao_Paulo"))  # type: ignore[arg-type]
    assert rollups.due(counting, 100 * 3_600_000 + 1) == range(100 - rollups.FIRST_LOOK_BACK, 100)
    counting.rollups.save_rolled_until(99)
    assert rollups.due(counting, 100 * 3_600_000) == range(97, 100)
