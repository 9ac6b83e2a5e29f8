"""What the DynamoDB store promises beyond the contract: how many requests, how long, and what it survives."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.adapters.dynamodb import CONVERSATION_HOURS, HOUR_MS, DynamoDBSessions
from chalicelib.adapters.dynamodb_tables import Item, create_tables, items_of
from chalicelib.adapters.system import SystemClock
from chalicelib.chat.model import Connection, Note, Page, question_id
from chalicelib.chat.ports import Sessions
from chalicelib.errors import Unavailable
from chalicelib.settings import Settings
from tests.chat.room import Room, ScriptedModel, StillClock
from tests.contract.test_sessions_store import begun, header, message
from tests.dynamodb import Table
from tests.server import ROOT

KIBIBYTES_16 = 16 * 1024


@pytest.fixture
def store(table: Table) -> DynamoDBSessions:
    return DynamoDBSessions(table.settings, SystemClock())


def fill(settings: Settings, last: int) -> None:
    """Store messages 2 to `last`, and 60 notes, without a request for each."""
    items = items_of(settings)
    with items.batch_write() as batch:
        for seq in range(2, last + 1):
            batch.save(items("S#s", f"M#{seq:010d}", body=msgspec.json.encode(message(seq))))
        for number in range(60):
            batch.save(items("S#s", f"F#{number}", body=b"{}"))


@pytest.mark.parametrize("stored", [1, 10, 2_000])
def test_every_read_of_a_conversation_is_one_request(store: Sessions, table: Table, stored: int) -> None:
    begun(store)
    fill(table.direct, stored)
    table.wire.counted()
    reads: tuple[Callable[[], object], ...] = (
        lambda: store.tail("s", 21),
        lambda: store.tail("s", 1),
        lambda: store.before("s", stored, 50),
        lambda: store.after("s", stored - 5, 50),
        lambda: store.tail("nobody", 21),
    )
    for read in reads:
        read()
        assert table.wire.counted() == {"Query": 1}
    tail = store.tail("s", 21)
    assert tail and tail.last_seq == stored and len(tail.messages) == min(stored, 21)


def test_every_write_is_one_request(store: Sessions, table: Table) -> None:
    begun(store)
    assert table.wire.counted() == {"PutItem": 2}
    assert store.append(message(2)) and table.wire.counted() == {"PutItem": 1}
    assert not store.append(message(2)) and table.wire.counted() == {"PutItem": 1}
    assert store.save_header(replace(header(), version=1)) and table.wire.counted() == {"PutItem": 1}


def test_a_turn_is_five_requests_and_a_message_sent_again_two(table: Table) -> None:
    room = Room(ScriptedModel(["Custa ", "R$ 100."]), store=DynamoDBSessions(table.settings, StillClock()))
    room.start()
    table.wire.counted()
    sent = room.say("quanto custa uma faxina?", message_id="0f8b7c1e-0000-4000-8000-000000000009")
    assert table.wire.counted() == {"GetItem": 1, "Query": 1, "PutItem": 1}
    room.work()
    assert table.wire.counted() == {"Query": 1, "PutItem": 1}
    again = room.say("quanto custa uma faxina?", message_id="0f8b7c1e-0000-4000-8000-000000000009")
    assert again.duplicate and again.message_id == sent.message_id
    assert table.wire.counted() == {"GetItem": 1, "Query": 1}


def test_unanswered_asks_the_hours_and_the_doubtful_conversations_and_never_scans(
    store: Sessions, table: Table
) -> None:
    for session_id, replied in (("a", True), ("b", False)):
        begun(store, session_id)
        store.append(message(2, session_id, at=HOUR_MS - 5))
        if replied:
            answer = {"sender": "assistant", "in_reply_to": question_id(session_id, 2), "at": HOUR_MS + 5}
            store.append(message(3, session_id, **answer))
    table.wire.counted()
    assert [m.session_id for m in store.unanswered(0, 2 * HOUR_MS)] == ["b"]
    assert table.wire.counted() == {"Query": 2 * 8 + 1}
    assert [m.session_id for m in store.unanswered(0, HOUR_MS)] == ["b"]
    assert table.wire.counted() == {"Query": 8 + 2}  # the reply is in the next hour: the log tells


def test_two_stores_on_two_endpoints_in_one_process(store: Sessions, table: Table, dynamodb: str) -> None:
    other = Table(dynamodb)
    try:
        elsewhere = DynamoDBSessions(
            replace(other.settings, dynamodb_table=table.settings.dynamodb_table), SystemClock()
        )
        begun(store)
        table.wire.counted()
        assert elsewhere.tail("s", 1) is not None  # the same table, by another way
        assert table.wire.counted() == {} and other.wire.counted() == {"Query": 1}
        assert DynamoDBSessions(other.settings, SystemClock()).tail("s", 1) is None
    finally:
        other.close()


def test_eight_writers_with_a_store_each_have_one_winner_a_place(table: Table) -> None:
    stores = [DynamoDBSessions(table.settings, SystemClock()) for _ in range(8)]
    begun(stores[0])
    for seq in range(2, 7):
        with ThreadPoolExecutor(8) as writers:
            wins = writers.map(lambda n, seq=seq: stores[n].append(message(seq, content=str(n))), range(8))
        assert list(wins).count(True) == 1


@pytest.mark.parametrize("lost", ["first answer", "every answer"])
def test_a_write_whose_answer_is_lost_is_not_taken_for_somebody_elses(store: Sessions, table: Table, lost: str) -> None:
    begun(store)
    table.wire.counted()
    table.wire.lost["PutItem"] = 1 if lost == "first answer" else 2
    if lost == "every answer":
        with pytest.raises(Unavailable):
            store.append(message(2))
        assert table.wire.counted() == {"PutItem": 2}
        return
    assert store.append(message(2))
    assert table.wire.counted() == {"PutItem": 2, "GetItem": 1}
    assert not store.append(message(2, content="somebody else's"))


@pytest.mark.parametrize("what", ["gone", "silent"])
def test_a_server_that_does_not_answer_is_unavailable_within_six_seconds(table: Table, what: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if what == "silent" else 1
        there = f"http://127.0.0.1:{port}"
        as_deployed = Settings().dynamodb_read_seconds
        settings = replace(table.settings, dynamodb_endpoint_url=there, dynamodb_read_seconds=as_deployed)
        store, started = DynamoDBSessions(settings, SystemClock()), time.monotonic()
        with pytest.raises(Unavailable) as failed:
            store.append(message(2))
        assert time.monotonic() - started < 12 and failed.value.__cause__ is not None


def test_a_missing_table_is_unavailable(table: Table) -> None:
    store = DynamoDBSessions(replace(table.settings, dynamodb_table="not-made"), SystemClock())
    for ask in (lambda: store.tail("s", 1), lambda: store.connection("c"), lambda: store.unanswered(0, 10)):
        with pytest.raises(Unavailable):
            ask()


def test_what_is_past_its_time_is_not_there(table: Table) -> None:
    clock = StillClock()
    store = DynamoDBSessions(table.settings, clock)
    begun(store)
    store.save_note(Note(session_id="s", key="rating", at=1, kind="rating", rating=5))
    store.save_connection(Connection(connection_id="c", session_id="s", owner="visitor:v", ip="10.0.0.1", locale="en"))
    clock.sleep(3 * 3600)
    assert store.connection("c") is None and store.tail("s", 1) is not None
    clock.sleep(CONVERSATION_HOURS * 3600)
    assert store.tail("s", 1) is None and store.after("s", 0, 10) == [] and store.notes("s") == []


def test_a_conversation_half_made_is_none_and_is_made_by_the_next_try(store: Sessions) -> None:
    """`create` writes the message first: this is what a crash before the header leaves."""
    store.append(message(1))
    assert store.tail("s", 10) is None
    begun(store)
    tail = store.tail("s", 10)
    assert tail and [m.seq for m in tail.messages] == [1]


def test_the_largest_messages_fit_in_16_kib_and_come_back_whole(store: Sessions, table: Table) -> None:
    page = Page(
        url="https://example.com/" + "é" * 2_000, title="ã" * 500, referrer="https://example.com/" + "ç" * 2_000
    )
    question = message(2, content="".join(chr(0x1F300 + n * 7 % 700) for n in range(2_000)), page=page)
    reply = message(
        3, sender="assistant", content="Um encanador cobra pela visita; o valor depende do conserto. " * 197
    )
    begun(store)
    for large in (question, reply):
        assert store.append(large)
        assert _size(items_of(table.direct).get("S#s", f"M#{large.seq:010d}")) <= KIBIBYTES_16
    assert store.after("s", 1, 10) == [question, reply]


def test_headers_of_a_person_are_found_by_index_and_a_visitors_are_not(store: Sessions, table: Table) -> None:
    begun(store, "visit")
    ana = replace(header("a"), owner="user:ana")
    store.create(ana, message(1, "a"))
    assert store.save_header(replace(ana, name="Ana", version=1))
    assert [item.pk for item in items_of(table.direct).by_user.query("u#ana")] == ["S#a"]


def test_tables_are_made_once_and_brought_up_to_date_once(table: Table) -> None:
    name, ran = table.settings.dynamodb_table, []
    assert create_tables(table.settings) == [f"{name}: already there, schema version 1"]
    steps = (lambda items: ran.append(2), lambda items: ran.append(3))
    for _ in range(2):
        assert create_tables(table.settings, steps) == [f"{name}: already there, schema version 3"]
    assert ran == [2, 3]
    fresh = replace(table.settings, dynamodb_table=f"{name}-fresh")
    assert create_tables(fresh) == [f"{name}-fresh: made, schema version 1"]


def test_two_commands_at_once_make_one_table(table: Table) -> None:
    fresh = replace(table.settings, dynamodb_table=f"{table.settings.dynamodb_table}-raced")
    with ThreadPoolExecutor(4) as commands:
        lines = [line for (line,) in commands.map(lambda _: create_tables(fresh), range(4))]
    assert {line.partition(", ")[2] for line in lines} == {"schema version 1"}


def test_the_command_makes_the_table_and_says_so(table: Table) -> None:
    fresh = {"DYNAMODB_TABLE": f"{table.settings.dynamodb_table}-told", "DYNAMODB_ENDPOINT_URL": table.wire.url}
    told = [command("chalicelib.entrypoints.provision", **fresh) for _ in range(2)]
    assert [(one.returncode, one.stdout.split(": ")[1].split(",")[0]) for one in told] == [
        (0, "made"),
        (0, "already there"),
    ]


@pytest.mark.parametrize(("module", "status"), [("chalicelib.entrypoints.provision", 1), ("runtime", 2)])
def test_a_start_without_dynamodb_ends_in_one_line(module: str, status: int, tmp_path: Path) -> None:
    arguments = ("app.py", "--port", "0", "--data-dir", str(tmp_path)) if module == "runtime" else ()
    told = command(module, *arguments, DYNAMODB_ENDPOINT_URL="http://127.0.0.1:1", DATA_DIR=str(tmp_path))
    assert told.returncode == status and "DynamoDB" in told.stderr and len(told.stderr.splitlines()) == 1


def command(module: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
    environment = {"PATH": os.environ["PATH"], "STORE": "dynamodb", **keys, **settings}
    asked = [sys.executable, "-m", module, *arguments]
    return subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


def _size(item: Item) -> int:
    """Bytes as DynamoDB counts them, near enough: names and values."""
    values = item.serialize()
    return sum(len(name) + sum(len(v) for v in value.values()) for name, value in values.items())
