"""Who waits for a person of the team, and what administrators have told people, in one SQLite file (or in memory)."""

from pathlib import Path

import msgspec

from chalicelib.adapters.sqlite_file import SQLiteFile
from chalicelib.chat.model import Handoff
from chalicelib.chat.people import MOST_MISSED, NOTICES_KEPT_MS, Notice

SCHEMA = (
    "CREATE TABLE handoff (session_id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE notice (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE kept (
        box TEXT NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (box, at, id)
    ) WITHOUT ROWID;
    CREATE TABLE told (owner TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID
    """,
)


class SQLitePeople(SQLiteFile):
    """The ports Handoffs and Notices. A notice that is past its time goes when the next one comes."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, SCHEMA)

    def handoff(self, session_id: str) -> Handoff | None:
        row = self._one("SELECT body FROM handoff WHERE session_id = ?", session_id)
        return msgspec.json.decode(row[0], type=Handoff) if row else None

    def save_handoff(self, handoff: Handoff) -> None:
        body = msgspec.json.encode(handoff)
        self._write("INSERT OR REPLACE INTO handoff VALUES (?, ?)", handoff.session_id, body)

    def drop_handoff(self, session_id: str) -> None:
        self._write("DELETE FROM handoff WHERE session_id = ?", session_id)

    def handoffs(self) -> list[Handoff]:
        return [msgspec.json.decode(row[0], type=Handoff) for row in self._all("SELECT body FROM handoff")]

    def save_notice(self, notice: Notice) -> bool:
        body = msgspec.json.encode(notice)
        if notice.version == 1:
            return self._write("INSERT OR IGNORE INTO notice VALUES (?, 1, ?)", notice.id, body) == 1
        update = "UPDATE notice SET version = ?, body = ? WHERE id = ? AND version = ?"
        return self._write(update, notice.version, body, notice.id, notice.version - 1) == 1

    def notice(self, notice_id: str) -> Notice | None:
        row = self._one("SELECT body FROM notice WHERE id = ?", notice_id)
        return _notice(row) if row else None

    def newest(self, before: str, limit: int) -> list[Notice]:
        query = "SELECT body FROM notice WHERE ? IN ('', max(?, id)) AND id <> ? ORDER BY id DESC LIMIT ?"
        return [_notice(row) for row in self._all(query, before, before, before, limit)]

    def keep(self, box: str, notice: Notice) -> None:
        past = notice.at - NOTICES_KEPT_MS
        with self._transaction() as db:
            db.execute("DELETE FROM kept WHERE at < ?", (past,))
            db.execute("DELETE FROM notice WHERE id < ?", (f"{past:013d}",))
            db.execute("DELETE FROM told WHERE at < ?", (past,))
            row = (box, notice.at, notice.id, msgspec.json.encode(notice))
            db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", row)

    def kept(self, box: str, since: int) -> list[Notice]:
        query = "SELECT body FROM kept WHERE box = ? AND at > ? ORDER BY at DESC, id DESC LIMIT ?"
        return [_notice(row) for row in reversed(self._all(query, box, since, MOST_MISSED))]

    def told(self, owner: str) -> int | None:
        row = self._one("SELECT at FROM told WHERE owner = ?", owner)
        return int(row[0]) if row else None

    def save_told(self, owner: str, at: int) -> None:
        self._write("INSERT OR REPLACE INTO told VALUES (?, ?)", owner, at)


def _notice(row: tuple[bytes]) -> Notice:
    return msgspec.json.decode(row[0], type=Notice)
