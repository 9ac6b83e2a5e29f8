"""Conversations that are too many for an answer: a job, and a file that has them all."""

import csv
import io
import json
import time
from pathlib import Path

from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.chat.model import Header, Message, Origin, notice_id
from chalicelib.services import DATABASE
from tests.administrator import ADMIN_KEYS, KEYS, Administrator
from tests.conftest import Start
from tests.server import eventually

CONVERSATIONS, MESSAGES = 60, 45
LONG = "uma mensagem longa, com acentuação. " * 55  # nearly as much as a message may have


def fill(folder: Path) -> None:
    """More than 5 MB of conversations of an hour ago."""
    folder.mkdir()
    store, began = SQLiteSessions(folder / DATABASE), int(time.time() * 1000) - 3_600_000
    for number in range(CONVERSATIONS):
        name, at = f"s{number:03d}", began + number
        origin = Origin(user_type="client", started_at=at)
        header = Header(session_id=name, owner=f"user:{name}", user_type="client", locale="pt-BR", created_at=at)
        for seq in range(1, MESSAGES + 1):
            said = Message(
                session_id=name, seq=seq, message_id=notice_id(name, seq), sender="assistant", at=at, content=LONG,
                origin=origin,
            )  # fmt: skip
            assert store.create(header, said) if seq == 1 else store.append(said)
    store.close()


def test_an_export_too_large_for_an_answer_is_a_job_with_a_file(tmp_path: Path, start: Start) -> None:
    fill(tmp_path / "data")
    viewer = Administrator(start(ADMIN_KEYS=ADMIN_KEYS).url, KEYS["viewer"])
    small = viewer.ask("GET", "/conversations/export?format=csv&userType=client")
    rows = list(csv.DictReader(io.StringIO(small.text)))
    assert small.status_code == 200 and len(rows) == CONVERSATIONS and rows[0]["messages"] == str(MESSAGES)
    large = viewer.ask("GET", "/conversations/export?format=jsonl&userType=client")
    assert large.status_code == 202 and large.json()["kind"] == "conversations"
    where = large.headers["location"].removeprefix("/api/v1")
    eventually(lambda: viewer.ask("GET", where).json().get("state") == "done")
    done = viewer.ask("GET", where).json()
    assert done["rows"] == done["done"] == CONVERSATIONS
    told = [json.loads(line) for line in viewer.ask("GET", done["file"].removeprefix("/api/v1")).text.splitlines()]
    assert [one["conversation"]["sessionId"] for one in told] == [f"s{n:03d}" for n in reversed(range(CONVERSATIONS))]
    assert all(len(one["messages"]) == MESSAGES for one in told)
    viewer.close()
