"""A million conversations exported as one file in steady memory; docs/evidence/exports.md gets the result."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.soak.test_rollups import HOUR_MS, SINCE, megabytes
from chalicelib.adapters.blobs import DirectoryBlobs
from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.chat import exports
from chalicelib.chat.records import Wanted
from chalicelib.knowledge.model import Job
from tests.chat.room import Room
from tests.server import ROOT

ROWS, DAYS = 1_000_000, 30
SECONDS = 5_400
EVIDENCE = ROOT / "docs" / "evidence" / "exports.md"
HEADERS = """
WITH RECURSIVE number(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i + 1 < :rows)
INSERT INTO header SELECT printf('%024d', i), 0, CAST(printf(
  '{"session_id":"%024d","owner":"visitor:%d","user_type":"client","locale":"pt-BR","created_at":%d}',
  i, i, :since + i * :step) AS BLOB) FROM number
"""
MESSAGES = """
WITH RECURSIVE number(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i + 1 < :rows),
  place(seq) AS (VALUES (1), (2))
INSERT INTO log SELECT printf('%024d', i), seq, printf('%024d-%dn', i, seq), 'assistant', NULL, :since + i * :step,
  CAST(printf('{"session_id":"%024d","seq":%d,"message_id":"%024d-%dn","sender":"assistant","at":%d,'
  || '"content":"=Quanto custa uma faxina?","origin":{"user_type":"client","started_at":%d}}',
  i, seq, i, seq, :since + i * :step, :since + i * :step) AS BLOB)
FROM number CROSS JOIN place
"""


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("million") / "conversations.sqlite3"
    SQLiteSessions(path).close()
    values = {"rows": ROWS, "since": SINCE, "step": DAYS * 24 * HOUR_MS // ROWS}
    with closing(sqlite3.connect(path)) as db:
        for insert in (HEADERS, MESSAGES):
            with db:
                db.execute(insert, values)
    return path


@pytest.mark.timeout(SECONDS)
def test_a_million_rows_are_exported_in_constant_memory(million: Path, tmp_path: Path) -> None:
    store, grown = SQLiteSessions(million), list[float]()
    wanted = Wanted(first_hour=SINCE // HOUR_MS, last_hour=SINCE // HOUR_MS + DAYS * 24)
    now = datetime.now(UTC)
    job = Job(id="j", kind="conversations", who="a", asked=exports.asked("csv", wanted), created_at=now, updated_at=now)

    def told(done: int) -> None:
        if done % 100_000 == 0:
            grown.append(megabytes())

    began = time.perf_counter()
    done = exports.export(Room(store=store).ports, store, DirectoryBlobs(tmp_path), job, told)
    seconds = time.perf_counter() - began
    with (tmp_path / str(done["file"])).open("rb") as file:
        assert sum(1 for _ in file) == ROWS + 1 == int(str(done["rows"])) + 1
    store.close()
    report(seconds, grown, (tmp_path / str(done["file"])).stat().st_size)
    assert grown[-1] < grown[0] * 1.1


def report(seconds: float, grown: list[float], size: int) -> None:
    EVIDENCE.write_text(
        "# Exports, measured\n\n"
        f'Written by `make soak ARGS="-k million"` on {datetime.now(UTC):%Y-%m-%d}, on two cores that others share:\n'
        "a job that writes every conversation of a month as CSV, from SQLite.\n\n"
        "| | |\n|---|---|\n"
        f"| conversations | {ROWS:,} |\n"
        f"| file | {size / 1e6:,.0f} MB |\n"
        f"| time | {seconds:,.0f} s, {ROWS / seconds:,.0f} rows a second |\n"
        f"| memory after a tenth, and at the end | {grown[0]:.0f} MB, {grown[-1]:.0f} MB |\n",
        encoding="utf-8",
    )
