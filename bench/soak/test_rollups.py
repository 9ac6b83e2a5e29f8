"""A month of two hundred thousand conversations counted: every figure as SQL tells it, and what it took.

The conversations are written by SQL alone (month.sql); docs/evidence/analytics.md gets the result.
"""

import resource
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.adapters.sqlite_rollups import SQLiteRollups
from chalicelib.analytics import calendar, figures
from chalicelib.analytics.figures import Figures
from chalicelib.analytics.histogram import Histogram
from chalicelib.analytics.rollups import Counting, roll
from tests.server import ROOT

HOUR_MS, DAYS = 3_600_000, 30
SINCE = 1_793_502_000_000  # the first of November 2026 in São Paulo
CONVERSATIONS, AT_ONCE = 200_000, 10_000
MONTH = range(SINCE // HOUR_MS, SINCE // HOUR_MS + (DAYS + 2) * 24)
SECONDS = 3_600
REPLIES = "FROM log WHERE in_reply_to IS NOT NULL"
RESPONSE = "json_extract(body, '$.provenance.waited_ms') + json_extract(body, '$.provenance.timings.written')"


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("month") / "conversations.sqlite3"
    SQLiteSessions(path).close()
    insert = (Path(__file__).parent / "month.sql").read_text("utf-8")
    with closing(sqlite3.connect(path)) as db:
        for first in range(0, CONVERSATIONS, AT_ONCE):
            values = {"first": first, "last": first + AT_ONCE, "since": SINCE, "length": DAYS * 24 * HOUR_MS}
            with db:
                db.execute(insert, values)
    return path


def megabytes() -> float:
    """The most that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.timeout(SECONDS)
def test_a_month_is_counted_right_at_a_steady_pace_in_steady_memory(month: Path, tmp_path: Path) -> None:
    counting = Counting(SQLiteSessions(month), SQLiteRollups(tmp_path / "a"), calendar.zone_of("America/Sao_Paulo"))
    began, used, grown = time.perf_counter(), time.process_time(), list[float]()
    for number, _ in enumerate(roll(counting, MONTH)):
        if number % 100 == 0:
            grown.append(megabytes())
    seconds, used = time.perf_counter() - began, time.process_time() - used
    told = sqlite3.connect(month)
    compare(counted(counting), lambda query: told.execute(query).fetchall())
    messages = told.execute("SELECT count(*) FROM log").fetchone()[0]
    told.close()
    report(messages, seconds, used, grown)
    assert grown[-1] < grown[1] * 1.2


def counted(counting: Counting) -> Figures:
    whole = Figures()
    for row in counting.rollups.days(datetime(2000, 1, 1).date(), datetime(2100, 1, 1).date()).values():
        whole.add(figures.total(row))
    return whole


def compare(found: Figures, ask: Callable[[str], list[Any]]) -> None:
    """With what SQL finds among the messages, without an hour or a fact."""

    def counts(query: str) -> dict[str, int]:
        return {str(name): count for name, count in ask(query)}

    def each(path: str, where: str = REPLIES) -> dict[str, int]:
        return counts(f"SELECT json_extract(body, '$.{path}') AS name, count(*) {where} GROUP BY name")

    assert found.messages == counts("SELECT sender, count(*) FROM log GROUP BY sender")
    assert found.turns == ask(f"SELECT count(*) {REPLIES}")[0][0]
    assert found.finishes == each("finish") and found.topics == each("sources[0].entryId")
    assert found.cached == each("cached")["1"] and found.unknown == each("provenance.known")["0"]
    assert found.prompt_tokens == ask(f"SELECT sum(json_extract(body, '$.provenance.prompt_tokens')) {REPLIES}")[0][0]
    percentiles(found.response, sorted(row[0] for row in ask(f"SELECT {RESPONSE} {REPLIES}")))
    assert found.sessions == CONVERSATIONS
    assert found.outcomes == counts(
        f"""SELECT CASE WHEN escalated OR NOT known THEN 'unresolved' ELSE 'assumed' END, count(*) FROM (
            SELECT max(json_extract(body, '$.escalated')) AS escalated, max(seq),
            (SELECT json_extract(last.body, '$.provenance.known') FROM log AS last
             WHERE last.session_id = log.session_id AND last.seq = 9) AS known {REPLIES} GROUP BY session_id
        ) GROUP BY 1"""
    )
    assert found.session_topics == counts(
        f"SELECT json_extract(body, '$.sources[0].entryId') AS name, count(DISTINCT session_id) {REPLIES} GROUP BY name"
    )
    assert sum(found.turns_by_hour.values()) == found.turns


def percentiles(found: Histogram, exact: list[int]) -> None:
    assert (found.count, found.total) == (len(exact), sum(exact))
    for share in (0.5, 0.95, 0.99):
        assert found.percentile(share) == pytest.approx(exact[int(share * len(exact)) - 1], rel=0.02)


def report(messages: int, seconds: float, used: float, grown: list[float]) -> None:
    page = f"""# Analytics, measured

Written by `make soak ARGS="-k month"` on {datetime.now(UTC):%Y-%m-%d}, on two cores that others share:
read it as orders of magnitude.

| | |
|---|---|
| conversations, messages, in SQLite | {CONVERSATIONS:,}, {messages:,}, over {DAYS} days |
| counted in | {seconds:.0f} s, {used:.0f} s of it processor time |
| messages a second, a second of processor time | {messages / seconds:,.0f}, {messages / used:,.0f} |
| processor time an hour of the month | {used / len(MONTH) * 1000:.0f} ms |
| most memory after 100 hours, after all {len(MONTH)} | {grown[1]:.0f} MB, {grown[-1]:.0f} MB |

Every figure that was compared equals what SQL counts among the messages, percentiles within 2 %: messages by sender,
turns, finishes, topics by turns and by conversations, cached, unknown, tokens, response times, outcomes.
"""
    (ROOT / "docs" / "evidence" / "analytics.md").write_text(page, "utf-8")
    print(page)
