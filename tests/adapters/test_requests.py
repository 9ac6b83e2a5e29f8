"""What a turn asks of DynamoDB, Redis and the queue: counted on their own wires, and compared with docs/turn.md."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from chalicelib.adapters.blobs import MemoryBlobs
from chalicelib.adapters.dynamodb import DynamoDBSessions
from chalicelib.adapters.dynamodb_knowledge import DynamoDBKnowledge
from chalicelib.adapters.dynamodb_tables import items_of
from chalicelib.adapters.redis import RedisBreaker, RedisLimiter, RedisLive
from chalicelib.adapters.redis_client import Cache
from chalicelib.knowledge import seed
from chalicelib.knowledge.following import LOOK_SECONDS, Follower
from chalicelib.knowledge.seeding import sow
from tests.chat.room import INDEX, Room, ScriptedModel, StillClock
from tests.contract.test_sessions_store import message
from tests.dynamodb import Table
from tests.server import ROOT
from tests.valkey import Valkey

Asked = Counter[str]
QUESTION = "quanto custa uma faxina?"
MODEL = ["A faxina ", "custa ", "R$ 150."]


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    running = Valkey()
    yield running
    running.stop()


@pytest.fixture
def room(table: Table, valkey: Valkey) -> Iterator[Room]:
    """A conversation on both, with every script loaded by somebody else's turn; answers are shared."""
    store = DynamoDBSessions(table.settings, StillClock())
    room = Room(ScriptedModel(*[MODEL] * 4), store=store, CACHE_TTL_SECONDS="60", DELTA_INTERVAL_MS="50")
    lost: list[str] = []
    cache = Cache(valkey.url, cluster=False, log=lost.append)
    shared: dict[str, Any] = {"limiter": RedisLimiter(cache), "live": RedisLive(cache), "breaker": RedisBreaker(cache)}
    knowledge = DynamoDBKnowledge(table.settings)
    sow(knowledge, seed.entries(), room.clock.now())
    follower = Follower(knowledge, MemoryBlobs(), shared["live"], lambda _: INDEX, room.clock.monotonic, print)
    room.ports = dataclasses.replace(room.ports, knowledge=follower.current, **shared)
    room.start("other")
    room.say("quanto custa um encanador?", "other")
    room.work()
    room.start()
    yield room
    cache.close()
    assert lost == []


def fill(room: Room, table: Table, last: int) -> None:
    """Store messages up to `last`, without a request for each."""
    connection = room.store.connection("tab")
    assert connection
    items = items_of(table.direct)
    with items.batch_write() as batch:
        for seq in range(2, last + 1):
            said = message(seq, connection.session_id, sender="assistant", at=room.clock.now())
            batch.save(items(f"S#{connection.session_id}", f"M#{seq:010d}", body=msgspec.json.encode(said)))


def turn(room: Room, table: Table, valkey: Valkey) -> Asked:
    """What one turn asked; a Redis trip that goes along with a posted batch is named after it."""
    asked: Asked = Counter()
    before = len(room.seen())

    def during(step: str, act: object) -> None:
        table.wire.counted()
        trips = valkey.round_trips(act)  # type: ignore[arg-type]
        asked.update({f"{step} DynamoDB {name}": count for name, count in table.wire.counted().items()})
        posted = Counter(frame["type"] for frame in room.seen()[before:])
        for kind in ("replyStarted", "replyDelta"):
            asked[f"{step} Redis, with {kind}"] += posted[kind]
            trips -= posted[kind]
        asked[f"{step} Redis"] += trips

    during("accept", lambda: room.say(QUESTION))
    asked["accept queue send"] = len(room.queue.bodies)
    during("answer", room.work)
    return +asked


def documented() -> Asked:
    """The table of docs/turn.md, a line for each request."""
    page = (ROOT / "docs" / "turn.md").read_text("utf-8")
    rows = re.findall(r"^\| (accept|answer) \| ([^|]+) \|", page, re.MULTILINE)
    return Counter(f"{step} {asks}".replace("`", "").replace("each ", "") for step, asks in rows)


@pytest.mark.parametrize("stored", [0, 10, 5_000])
def test_a_turn_asks_what_the_page_says_however_long_the_conversation(
    room: Room, table: Table, valkey: Valkey, stored: int
) -> None:
    fill(room, table, stored)
    asked = turn(room, table, valkey)
    print("\n".join(f"{count} × {what}" for what, count in asked.items()))
    deltas = asked["answer Redis, with replyDelta"]
    assert deltas >= 2  # more than one, or the count of batches would be no test
    assert asked == documented() + Counter({"answer Redis, with replyDelta": deltas - 1})


def test_an_answer_that_others_got_asks_no_more(room: Room, table: Table, valkey: Valkey) -> None:
    room.ask(QUESTION)
    assert turn(room, table, valkey) == documented()
    assert room.seen()[-1]["cached"]


def test_a_turn_that_finds_it_due_looks_once_for_changes_of_the_knowledge(
    room: Room, table: Table, valkey: Valkey
) -> None:
    room.ask(QUESTION)
    room.clock.sleep(LOOK_SECONDS)
    assert turn(room, table, valkey) == documented() + Counter({"answer DynamoDB GetItem": 1})
    assert turn(room, table, valkey) == documented()
