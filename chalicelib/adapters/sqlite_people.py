"""Who waits for a person of the team, in one SQLite file (or in memory)."""

from pathlib import Path

import msgspec

from chalicelib.adapters.sqlite_file import SQLiteFile
from chalicelib.chat.model import Handoff

SCHEMA = ("CREATE TABLE handoff (session_id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",)


class SQLitePeople(SQLiteFile):
    """The Handoffs port."""

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
