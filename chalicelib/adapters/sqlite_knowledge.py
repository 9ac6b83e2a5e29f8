"""The knowledge in one SQLite file (or in memory), for one process or several on one host."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from chalicelib.adapters.sqlite_file import SQLiteFile
from chalicelib.knowledge.model import Change, Entry, Job, Question

SCHEMA = (
    """
    CREATE TABLE knowledge (version INTEGER NOT NULL, seeded BLOB NOT NULL);
    INSERT INTO knowledge VALUES (0, '{}');
    CREATE TABLE entry (
        id TEXT PRIMARY KEY, version INTEGER NOT NULL, category TEXT NOT NULL, active INTEGER NOT NULL,
        body BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE earlier (
        id TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (id, version)
    ) WITHOUT ROWID;
    CREATE TABLE question (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID
    """,
    """
    CREATE TABLE job (
        id TEXT PRIMARY KEY, version INTEGER NOT NULL, open INTEGER NOT NULL, body BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX job_open ON job (id) WHERE open
    """,
)


class SQLiteKnowledge(SQLiteFile):
    """The KnowledgeStore port."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, SCHEMA)

    def version(self) -> int:
        row = self._one("SELECT version FROM knowledge")
        return int(row[0]) if row else 0

    def entry(self, entry_id: str) -> Entry | None:
        row = self._one("SELECT body FROM entry WHERE id = ?", entry_id)
        return _entry(row) if row else None

    def entries(
        self, after: str = "", limit: int | None = None, category: str = "", active: bool | None = None
    ) -> list[Entry]:
        query = """
            SELECT body FROM entry WHERE id > ? AND (? = '' OR category = ?) AND (? IS NULL OR active = ?)
            ORDER BY id LIMIT ?
        """
        most = -1 if limit is None else limit
        return [_entry(row) for row in self._all(query, after, category, category, active, active, most)]

    def earlier(self, entry_id: str, before: int, limit: int) -> list[Entry]:
        query = "SELECT body FROM earlier WHERE id = ? AND version < ? ORDER BY version DESC LIMIT ?"
        return [_entry(row) for row in self._all(query, entry_id, before, limit)]

    def apply(
        self, version: int, changes: Sequence[Change], progress: Callable[[int], object] = lambda stored: None
    ) -> bool:
        """One transaction, however many they are."""
        try:
            with self._transaction("IMMEDIATE") as db:
                _move(db, version)
                for change in changes:
                    _make(db, change)
        except _Refused:
            return False
        progress(len(changes))
        return True

    def seeded(self) -> dict[str, str]:
        row = self._one("SELECT seeded FROM knowledge")
        return msgspec.json.decode(row[0], type=dict[str, str]) if row else {}

    def save_seeded(self, seeded: Mapping[str, str]) -> None:
        self._write("UPDATE knowledge SET seeded = ?", msgspec.json.encode(seeded))

    def questions(self) -> list[Question]:
        rows = self._all("SELECT body FROM question ORDER BY id")
        return [msgspec.json.decode(row[0], type=Question) for row in rows]

    def save_question(self, question: Question) -> None:
        self._write("INSERT OR REPLACE INTO question VALUES (?, ?)", question.id, msgspec.json.encode(question))

    def drop_question(self, question_id: str) -> bool:
        return self._write("DELETE FROM question WHERE id = ?", question_id) == 1

    def job(self, job_id: str) -> Job | None:
        row = self._one("SELECT body FROM job WHERE id = ?", job_id)
        return msgspec.json.decode(row[0], type=Job) if row else None

    def open_jobs(self) -> list[Job]:
        return [msgspec.json.decode(row[0], type=Job) for row in self._all("SELECT body FROM job WHERE open")]

    def save_job(self, job: Job) -> bool:
        values = (job.version, job.open, msgspec.json.encode(job), job.id)
        if job.version == 1:
            return self._write("INSERT OR IGNORE INTO job (version, open, body, id) VALUES (?, ?, ?, ?)", *values) == 1
        update = "UPDATE job SET version = ?, open = ?, body = ? WHERE id = ? AND version = ?"
        return self._write(update, *values, job.version - 1) == 1


class _Refused(Exception):
    """Something is not as the change says it was; the transaction is undone."""


def _move(db: sqlite3.Connection, version: int) -> None:
    if db.execute("UPDATE knowledge SET version = ? WHERE version = ?", (version, version - 1)).rowcount != 1:
        raise _Refused


def _make(db: sqlite3.Connection, change: Change) -> None:
    before, after = change.before, change.after
    if before:
        held = db.execute("DELETE FROM entry WHERE id = ? AND version = ?", (before.id, before.version)).rowcount == 1
    else:
        held = not db.execute("SELECT 1 FROM entry WHERE id = ?", (change.entry_id,)).fetchone()
    if not held:
        raise _Refused
    if after is None:
        db.execute("DELETE FROM earlier WHERE id = ?", (change.entry_id,))
        return
    if before:
        db.execute("INSERT INTO earlier VALUES (?, ?, ?)", (before.id, before.version, msgspec.json.encode(before)))
    row = (after.id, after.version, after.category, after.active, msgspec.json.encode(after))
    db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", row)


def _entry(row: tuple[bytes]) -> Entry:
    return msgspec.json.decode(row[0], type=Entry)
