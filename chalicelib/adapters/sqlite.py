"""Conversations in one SQLite file (or in memory), for one process or several on one host."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import msgspec

from chalicelib.adapters.sqlite_file import SQLiteFile
from chalicelib.analytics.facts import HOUR_MS, Fact
from chalicelib.chat import facts
from chalicelib.chat.model import Connection, Header, Message, Note, Tail
from chalicelib.chat.people import Audience

SCHEMA = (
    """
    CREATE TABLE header (session_id TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE log (
        session_id TEXT NOT NULL, seq INTEGER NOT NULL, message_id TEXT NOT NULL, sender TEXT NOT NULL,
        in_reply_to TEXT, at INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (session_id, seq)
    ) WITHOUT ROWID;
    CREATE INDEX log_questions ON log (at) WHERE sender = 'user';
    CREATE TABLE note (
        session_id TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (session_id, key)
    ) WITHOUT ROWID;
    CREATE TABLE connection (connection_id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    """,
    "CREATE TABLE swept (until INTEGER NOT NULL); INSERT INTO swept VALUES (0)",
    """
    CREATE INDEX log_time ON log (at);
    DROP INDEX log_questions;
    ALTER TABLE note ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
    UPDATE note SET at = json_extract(CAST(body AS TEXT), '$.at');
    CREATE INDEX note_time ON note (at)
    """,
)


class SQLiteSessions(SQLiteFile):
    """The Sessions port."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, SCHEMA)

    def connection(self, connection_id: str) -> Connection | None:
        row = self._one("SELECT body FROM connection WHERE connection_id = ?", connection_id)
        return msgspec.json.decode(row[0], type=Connection) if row else None

    def save_connection(self, connection: Connection) -> None:
        body = msgspec.json.encode(connection)
        self._write("INSERT OR REPLACE INTO connection VALUES (?, ?)", connection.connection_id, body)

    def drop_connection(self, connection_id: str) -> None:
        self._write("DELETE FROM connection WHERE connection_id = ?", connection_id)

    def open_sockets(self, audience: Audience, after: str, limit: int) -> tuple[list[str], str]:
        query = """
            SELECT connection_id FROM connection WHERE connection_id > ?
            AND coalesce(json_extract(CAST(body AS TEXT), '$.operator'), '') = ''
            AND ? IN ('', json_extract(CAST(body AS TEXT), '$.owner'))
            AND ? IN ('', json_extract(CAST(body AS TEXT), '$.user_type')) ORDER BY connection_id LIMIT ?
        """
        owner = f"user:{audience.user_id}" if audience.user_id else ""
        found = [row[0] for row in self._all(query, after, owner, audience.user_type or "", limit)]
        sockets = [str(socket) for socket in found]
        return sockets, sockets[-1] if len(sockets) == limit else ""

    def create(self, header: Header, first: Message) -> bool:
        with self._transaction() as db:
            created = db.execute("INSERT OR IGNORE INTO header VALUES (?, ?, ?)", _header_row(header)).rowcount == 1
            if created:
                db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)", _log_row(first))
        return created

    def tail(self, session_id: str, newest: int) -> Tail | None:
        with self._transaction() as db:
            found = db.execute("SELECT body FROM header WHERE session_id = ?", (session_id,)).fetchone()
            if found is None:
                return None
            query = "SELECT body FROM log WHERE session_id = ? ORDER BY seq DESC LIMIT ?"
            rows = db.execute(query, (session_id, newest)).fetchall()
        return Tail(msgspec.json.decode(found[0], type=Header), tuple(map(_message, reversed(rows))))

    def append(self, message: Message) -> bool:
        insert = "INSERT OR IGNORE INTO log VALUES (?, ?, ?, ?, ?, ?, ?)"
        return self._write(insert, *_log_row(message)) == 1

    def save_header(self, header: Header) -> bool:
        update = "UPDATE header SET version = ?, body = ? WHERE session_id = ? AND version = ?"
        body = msgspec.json.encode(header)
        return self._write(update, header.version, body, header.session_id, header.version - 1) == 1

    def before(self, session_id: str, seq: int, limit: int) -> list[Message]:
        query = "SELECT body FROM log WHERE session_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?"
        return [_message(row) for row in reversed(self._all(query, session_id, seq, limit))]

    def after(self, session_id: str, seq: int, limit: int) -> list[Message]:
        query = "SELECT body FROM log WHERE session_id = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [_message(row) for row in self._all(query, session_id, seq, limit)]

    def save_note(self, note: Note) -> None:
        row = note.session_id, note.key, msgspec.json.encode(note), note.at
        self._write("INSERT OR REPLACE INTO note VALUES (?, ?, ?, ?)", *row)

    def notes(self, session_id: str) -> list[Note]:
        return [_note(row) for row in self._all("SELECT body FROM note WHERE session_id = ? ORDER BY key", session_id)]

    def unanswered(self, since: int, until: int) -> list[Message]:
        query = """
            SELECT body FROM log AS question
            WHERE sender = 'user' AND at >= ? AND at < ? AND NOT EXISTS (
                SELECT 1 FROM log AS reply WHERE reply.session_id = question.session_id
                AND reply.seq > question.seq AND reply.in_reply_to = question.message_id
            ) ORDER BY at
        """
        return [_message(row) for row in self._all(query, since, until)]

    def swept(self) -> int:
        row = self._one("SELECT until FROM swept")
        return int(row[0]) if row else 0

    def save_swept(self, until: int) -> None:
        self._write("UPDATE swept SET until = ?", until)

    def facts(self, hour: int) -> Iterable[Fact]:
        """The Facts port."""
        moments = hour * HOUR_MS, (hour + 1) * HOUR_MS
        said = self._all("SELECT body FROM log WHERE at >= ? AND at < ?", *moments)
        done = self._all("SELECT body FROM note WHERE at >= ? AND at < ?", *moments)
        found = chain(
            (facts.of_message(_message(row)) for row in said),
            (facts.of_note(_note(row)) for row in done),
        )
        return (fact for fact in found if fact)


def _header_row(header: Header) -> tuple[object, ...]:
    return header.session_id, header.version, msgspec.json.encode(header)


def _log_row(message: Message) -> tuple[object, ...]:
    return (
        message.session_id,
        message.seq,
        message.message_id,
        message.sender,
        message.in_reply_to or None,
        message.at,
        msgspec.json.encode(message),
    )


def _message(row: tuple[bytes]) -> Message:
    return msgspec.json.decode(row[0], type=Message)


def _note(row: tuple[bytes]) -> Note:
    return msgspec.json.decode(row[0], type=Note)
