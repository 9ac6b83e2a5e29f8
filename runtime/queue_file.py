"""The queued messages on file. A message is in it from `add` to `delete`, whatever is killed in between."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import CannotStart
from runtime.events import QueueMessage

# NORMAL in WAL mode survives the death of the process; a power cut may lose the last moments.
_SETUP = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, "group" TEXT NOT NULL, dedup TEXT NOT NULL,
    body TEXT NOT NULL, receive_count INTEGER NOT NULL DEFAULT 0, sent_at INTEGER NOT NULL
);
"""
_COPY = """
INSERT INTO main.message (queue, "group", dedup, body, receive_count, sent_at)
SELECT queue, "group", dedup, body, receive_count, sent_at FROM left_behind.message AS theirs
WHERE NOT EXISTS (
    SELECT 1 FROM main.message AS ours
    WHERE (ours.queue, ours.dedup, ours.sent_at) = (theirs.queue, theirs.dedup, theirs.sent_at)
) ORDER BY id
"""
_FILE = "queue.sqlite3"


@dataclass(frozen=True)
class Waiting:
    """A message on file, without its body. `sent_at` is in milliseconds."""

    id: int
    queue: str
    group: str
    dedup: str
    sent_at: int


class QueueFile:
    """Thread-safe; every change is committed when the call returns."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is queued is people's words
            self._owner = _own(folder)
            self._db = sqlite3.connect(folder / _FILE, check_same_thread=False, isolation_level=None)
            self._db.executescript(_SETUP)
        except (OSError, sqlite3.Error) as error:
            raise CannotStart(f"Cannot keep the queue in {folder} ({error}); give another --data-dir.") from error

    def add(self, queue: str, group: str, dedup: str, body: str) -> Waiting:
        sent_at = time.time_ns() // 1_000_000
        values = (queue, group, dedup, body, sent_at)
        sql = 'INSERT INTO message (queue, "group", dedup, body, sent_at) VALUES (?, ?, ?, ?, ?)'
        with self._lock:
            row = self._db.execute(sql, values).lastrowid
        assert row is not None
        return Waiting(row, queue, group, dedup, sent_at)

    def adopt(self, folder: Path) -> None:
        """Take over what waits in another folder, which no process may use, with its counts of receipts.

        A kill in between leaves both with a message; the next call finds it here and only removes it there.
        """
        left = QueueFile(folder)
        with self._lock:
            self._db.execute("ATTACH ? AS left_behind", (str(folder / _FILE),))
            self._db.execute(_COPY)
            self._db.execute("DELETE FROM left_behind.message")
            self._db.execute("DETACH left_behind")
        left.close()

    def waiting(self) -> Iterator[Waiting]:
        with self._lock:
            rows = self._db.execute('SELECT id, queue, "group", dedup, sent_at FROM message ORDER BY id').fetchall()
        return (Waiting(*row) for row in rows)

    def receive(self, message_id: int) -> QueueMessage:
        """Count one more receipt, then read: a receipt that kills the process has been counted."""
        sql = 'SELECT id, queue, "group", dedup, body, receive_count, sent_at FROM message WHERE id = ?'
        with self._lock:
            self._db.execute("UPDATE message SET receive_count = receive_count + 1 WHERE id = ?", (message_id,))
            return QueueMessage(*self._db.execute(sql, (message_id,)).fetchone())

    def move(self, message_id: int, queue: str) -> None:
        with self._lock:
            self._db.execute("UPDATE message SET queue = ?, receive_count = 0 WHERE id = ?", (queue, message_id))

    def delete(self, message_id: int) -> None:
        with self._lock:
            self._db.execute("DELETE FROM message WHERE id = ?", (message_id,))

    def close(self) -> None:
        with self._lock:
            self._db.close()
            self._owner.close()


def _own(folder: Path) -> sqlite3.Connection:
    """Hold the folder for this process; two runtimes on one file would both deliver each message.

    SQLite's lock goes with the process, however it ends, on every system.
    """
    owner = sqlite3.connect(folder / "queue.lock", check_same_thread=False, isolation_level=None, timeout=0)
    try:
        owner.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_BUSY":
            raise
        raise CannotStart(f"Another runtime uses {folder}; stop it, or give this one its own --data-dir.") from error
    return owner
