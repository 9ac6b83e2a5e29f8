"""One SQLite file (or memory) for one process or several on one host, behind a lock (docs/decisions/004).

WAL with synchronous=NORMAL: a killed process loses nothing; a power cut may lose the last moments, never the
file. Waits at most 5 s for another process's write.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chalicelib.errors import Unavailable

BUSY_MILLISECONDS = 5_000


class SQLiteFile:
    """What a store in SQLite is made on. Thread-safe: one connection, one statement or transaction at a time."""

    def __init__(self, path: Path | None, schema: Sequence[str]) -> None:
        """Open or create the file at `path`, None: in memory. Raises Unavailable.

        The script at place n of `schema` brings version n to n + 1.
        """
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
            self._db.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
            self._use_wal()
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._migrate(schema)
        except sqlite3.Error as error:
            raise Unavailable from error

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _one(self, query: str, *values: object) -> tuple[bytes] | None:
        return next(iter(self._all(query, *values)), None)

    def _all(self, query: str, *values: object) -> list[tuple[bytes]]:
        with self._guarded() as db:
            return db.execute(query, values).fetchall()

    def _write(self, statement: str, *values: object) -> int:
        """Run one statement; the number of rows it changed."""
        with self._guarded() as db:
            return db.execute(statement, values).rowcount

    @contextmanager
    def _transaction(self, kind: str = "") -> Iterator[sqlite3.Connection]:
        """All or nothing. `kind` "IMMEDIATE": nobody else writes between what is read here and what is written."""
        with self._guarded() as db, db:
            db.execute(f"BEGIN {kind}")
            yield db

    @contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection]:
        """The connection for one thread at a time; a vendor's error becomes ours, once, here."""
        with self._lock:
            try:
                yield self._db
            except sqlite3.Error as error:
                raise Unavailable from error

    def _use_wal(self) -> None:
        """Here SQLite does not wait for another process that opens the new file too, whatever the timeout (seen)."""
        until = time.monotonic() + BUSY_MILLISECONDS / 1000
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                    raise
            time.sleep(0.005)

    def _migrate(self, schema: Sequence[str]) -> None:
        """Bring the file up to the present schema; running it again changes nothing."""
        if self._version() >= len(schema):
            return
        self._db.execute("BEGIN IMMEDIATE")  # of several processes one does it, and the others look again
        for script in schema[self._version() :]:
            for statement in script.split(";"):
                self._db.execute(statement)
        self._db.execute(f"PRAGMA user_version = {len(schema)}")
        self._db.execute("COMMIT")

    def _version(self) -> int:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        return int(version)
