"""What was counted, in one SQLite file (or in memory), for one process or several on one host."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec

from chalicelib.adapters.sqlite_file import SQLiteFile
from chalicelib.analytics.figures import ByUserType
from chalicelib.analytics.ports import Contribution

SCHEMA = (
    """
    CREATE TABLE rolled (until INTEGER NOT NULL);
    INSERT INTO rolled VALUES (0);
    CREATE TABLE source (hour INTEGER PRIMARY KEY, targets BLOB NOT NULL);
    CREATE TABLE contribution (
        target INTEGER NOT NULL, source INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (target, source)
    ) WITHOUT ROWID;
    CREATE TABLE hour (hour INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE day (day TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID
    """,
)
_figures = msgspec.json.Decoder(ByUserType)


class SQLiteRollups(SQLiteFile):
    """The Rollups port."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, SCHEMA)

    def rolled_until(self) -> int:
        row = self._one("SELECT until FROM rolled")
        return int(row[0]) if row else 0

    def save_rolled_until(self, hour: int) -> None:
        self._write("UPDATE rolled SET until = ?", hour)

    def targets(self, source: int) -> frozenset[int]:
        row = self._one("SELECT targets FROM source WHERE hour = ?", source)
        return msgspec.json.decode(row[0], type=frozenset[int]) if row else frozenset()

    def save_targets(self, source: int, targets: Iterable[int]) -> None:
        self._write("INSERT OR REPLACE INTO source VALUES (?, ?)", source, msgspec.json.encode(sorted(targets)))

    def replace(self, target: int, source: int, contribution: Contribution | None) -> None:
        if contribution is None:
            self._write("DELETE FROM contribution WHERE target = ? AND source = ?", target, source)
            return
        body = msgspec.json.encode(contribution)
        self._write("INSERT OR REPLACE INTO contribution VALUES (?, ?, ?)", target, source, body)

    def contributions(self, target: int) -> list[Contribution]:
        rows = self._all("SELECT body FROM contribution WHERE target = ? ORDER BY source", target)
        return [msgspec.json.decode(row[0], type=Contribution) for row in rows]

    def save_hour(self, hour: int, figures: ByUserType) -> None:
        self._write("INSERT OR REPLACE INTO hour VALUES (?, ?)", hour, msgspec.json.encode(figures))

    def hours(self, since: int, until: int) -> dict[int, ByUserType]:
        with self._guarded() as db:
            rows = db.execute("SELECT hour, body FROM hour WHERE hour >= ? AND hour < ?", (since, until)).fetchall()
        return {hour: _figures.decode(body) for hour, body in rows}

    def save_day(self, day: date, figures: ByUserType) -> None:
        self._write("INSERT OR REPLACE INTO day VALUES (?, ?)", day.isoformat(), msgspec.json.encode(figures))

    def days(self, since: date, until: date) -> dict[date, ByUserType]:
        with self._guarded() as db:
            query = "SELECT day, body FROM day WHERE day BETWEEN ? AND ? ORDER BY day"
            rows = db.execute(query, (since.isoformat(), until.isoformat())).fetchall()
        return {date.fromisoformat(day): _figures.decode(body) for day, body in rows}
