"""Conversations into the store's file by plain inserts, which is many times faster than one call a message."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec

from chalicelib.adapters.sqlite import SQLiteSessions
from demo.fortnight import Conversation

encode = msgspec.json.encode


def write(path: Path, conversations: Iterable[Conversation]) -> int:
    """Add them to the file, which is made where it is missing; how many there were."""
    SQLiteSessions(path).close()
    count = 0
    with closing(sqlite3.connect(path)) as db, db:
        for one in conversations:
            count += 1
            header = one.header
            db.execute("INSERT INTO header VALUES (?, ?, ?)", (header.session_id, header.version, encode(header)))
            db.executemany(
                "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (m.session_id, m.seq, m.message_id, m.sender, m.in_reply_to or None, m.at, encode(m))
                    for m in one.messages
                ],
            )
            db.executemany(
                "INSERT OR REPLACE INTO note VALUES (?, ?, ?, ?)",
                [(n.session_id, n.key, encode(n), n.at) for n in one.notes],
            )
    return count
