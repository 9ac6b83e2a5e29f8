"""Turns that come again, together, or in the wrong order, as at-least-once queues deliver them: one answer each."""

import dataclasses
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from chalice.app import SQSEvent

from chalicelib.adapters.dynamodb import DynamoDBSessions
from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.adapters.sqs import SQSQueue
from chalicelib.adapters.system import SystemClock
from chalicelib.chat.model import Message, Turn, encode_turn
from chalicelib.chat.ports import Sessions
from chalicelib.entrypoints import jobs
from chalicelib.services import Services
from runtime.invoke import Function
from runtime.load import Consumer
from runtime.poller import Poller
from tests.browser import Browser
from tests.chat.room import Room, ScriptedModel
from tests.conftest import Start
from tests.conversation.conftest import KINDS, Stores
from tests.dynamodb import SIGNATURE
from tests.server import Server, eventually, stored
from tests.sqs import REGION, Queues

QUESTION = "quanto custa um encanador?"
WORDS = ["Um encanador ", "cobra por visita."]


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Sessions:
    if request.param == "sqlite":
        return SQLiteSessions(tmp_path / "store.sqlite3")
    return DynamoDBSessions(request.getfixturevalue("table").settings, SystemClock())


def event(body: str, attempt: int = 1) -> SQSEvent:
    attributes = {"ApproximateReceiveCount": str(attempt)}
    return SQSEvent(
        {"Records": [{"messageId": "m", "receiptHandle": "r", "body": body, "attributes": attributes}]}, None
    )


def worker(room: Room, **ports: Any) -> Services:
    """The services of a process that shares the room's stores."""
    services = Services(room.ports.settings)
    services.ports = dataclasses.replace(room.ports, **ports)
    return services


def log_of(room: Room) -> list[Message]:
    connection = room.store.connection("tab")
    assert connection
    return room.store.after(connection.session_id, 0, 1000)


def assert_answered_once_each(messages: list[Message], questions: int) -> None:
    assert [m.seq for m in messages] == list(range(1, 2 * questions + 2))
    asked = [m for m in messages if m.sender == "user"]
    assert len({m.client_message_id for m in asked}) == len(asked) == questions
    assert sorted(m.in_reply_to for m in messages if m.in_reply_to) == sorted(m.message_id for m in asked)


@pytest.mark.parametrize("accepted", [True, False], ids=["stored", "not stored yet"])
def test_a_turn_delivered_three_times_at_once_has_one_outcome(store: Sessions, accepted: bool) -> None:
    room = Room(ScriptedModel(*[WORDS] * 3), store=store)
    room.start()
    body = asked(room, QUESTION, accepted)
    together = threading.Barrier(3)

    def deliver(_: int) -> None:
        together.wait()
        jobs.reply(event(body), worker(room))

    with ThreadPoolExecutor(3) as workers:
        list(workers.map(deliver, range(3)))
    messages = log_of(room)
    assert_answered_once_each(messages, 1)
    shown = [
        f["content"] for f in room.seen() if f["type"] == "message" and f["sender"] == "assistant" and f["seq"] > 1
    ]
    assert shown == [messages[-1].content]


@pytest.mark.parametrize("accepted", [True, False], ids=["stored", "not stored yet"])
def test_two_turns_in_the_wrong_order_are_both_answered_once(store: Sessions, accepted: bool) -> None:
    room = Room(ScriptedModel(["segunda"], ["primeira"]), store=store)
    room.start()
    first, second = asked(room, "quanto custa um encanador?", accepted), asked(room, "e uma faxina?", accepted)
    for body in (second, first, second):
        jobs.reply(event(body), worker(room))
    messages = log_of(room)
    assert_answered_once_each(messages, 2)
    said = {m.message_id: m.content for m in messages if m.sender == "user"}
    replies = {said[m.in_reply_to]: m.content for m in messages if m.in_reply_to}
    assert replies == {"quanto custa um encanador?": "primeira", "e uma faxina?": "segunda"}


def asked(room: Room, content: str, accepted: bool) -> str:
    """The turn of a question; its function died before it stored the message, unless `accepted`."""
    if accepted:
        room.say(content)
        return room.queue.bodies.pop()
    connection = room.store.connection("tab")
    assert connection
    name, at = str(uuid.uuid4()), room.clock.now()
    turn = Turn(session_id=connection.session_id, client_message_id=name, turn_id=name, content=content, at=at)
    return encode_turn(turn)


@pytest.fixture
def queues(dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queues]:
    for name, value in SIGNATURE.items():
        monkeypatch.setenv(name, value)
    with closing(Queues(dynamodb)) as made:
        yield made


def test_a_turn_that_always_raises_is_tried_three_times_at_once_and_then_answered_once(
    store: Sessions, queues: Queues
) -> None:
    room = Room(store=store)  # with a model that knows no answer
    room.ports = dataclasses.replace(room.ports, queue=SQSQueue(queues.queue, REGION))
    room.start()
    room.say(QUESTION)
    broken, tries = SQLiteSessions(None), []
    broken.close()

    def reply(given: dict[str, Any], _: object) -> None:
        tries.append(given["Records"][0]["attributes"]["ApproximateReceiveCount"])
        jobs.reply(SQSEvent(given, None), worker(room, sessions=broken))

    def dead_letter(given: dict[str, Any], _: object) -> None:
        jobs.dead_letter(SQSEvent(given, None), worker(room))

    with polling(queues, {"turns.fifo": reply, "turns-dlq.fifo": dead_letter}):
        eventually(lambda: len(log_of(room)) == 3)  # within 30 s, and a turn that is not given back takes 3 × 45
        eventually(lambda: queues.holds(queues.queue) == queues.holds(queues.dead) == (0, 0))
    messages = log_of(room)
    assert_answered_once_each(messages, 1)
    assert tries == ["1", "2", "3"] and messages[-1].finish == "fallback"
    shown = [frame for frame in room.seen() if frame["type"] == "message" and frame.get("inReplyTo")]
    assert [frame["content"] for frame in shown] == [messages[-1].content] and "R$ 120" in messages[-1].content


@pytest.mark.parametrize("body", ["", "{}", "not a turn"])
def test_what_is_no_turn_does_not_come_back_from_the_dead_for_ever(body: str) -> None:
    room = Room()
    with pytest.raises(msgspec.MsgspecError):
        jobs.reply(event(body), worker(room))
    jobs.dead_letter(event(body), worker(room))


@contextmanager
def polling(queues: Queues, handlers: dict[str, Callable[..., None]]) -> Iterator[None]:
    consumers = {name: Consumer(Function(name, handler), 2) for name, handler in handlers.items()}
    poller = Poller(queues.url, REGION, consumers)
    poller.start()
    yield
    poller.hold()
    poller.settle(10)


@pytest.mark.parametrize("stores", KINDS[1:], indirect=True)
def test_a_person_whose_turn_always_raises_gets_a_message(start: Start, stores: Stores) -> None:
    assert stores.table and stores.queues
    server = start(**stores.settings)
    with server.visit() as browser:
        session_id, name = browser.session["sessionId"], str(uuid.uuid4())
        at = time.time_ns() // 1_000_000
        turn = Turn(session_id=session_id, client_message_id=name, turn_id=name, content=QUESTION, at=at)
        stores.table.wire.about = session_id.encode()
        stores.table.wire.lost["Query"] = 6  # a worker reads the log first, and asks twice
        stores.queues.send(encode_turn(turn), session_id)
        reply = browser.until(lambda frame: frame["type"] == "message" and "inReplyTo" in frame)
        assert reply["finish"] == "fallback" and "R$ 120" in reply["content"]
        assert [m["seq"] for m in stored(server, browser)] == [1, 2, 3]
    assert server.log.read_text("utf-8").count("turn given up") == 1


@pytest.fixture
def doubled(stores: Stores, dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """Each turn is with two workers at once."""
    for name, value in SIGNATURE.items():
        monkeypatch.setenv(name, value)
    with closing(Queues(dynamodb, doubled=True)) as queues:
        yield Stores({**stores.settings, **SIGNATURE, "QUEUE_URL": queues.queue}, stores.table, queues)


@pytest.mark.timeout(300)
def test_eight_tabs_that_send_the_same_messages_to_doubled_workers(start: Start, doubled: Stores) -> None:
    # moto takes 0.1 s for a long conversation; `make soak` asks it about fifty messages, too
    race(start, doubled, messages=15 if doubled.table else 50)


def race(start: Start, doubled: Stores, messages: int) -> None:
    """Send them from eight tabs at once, each in an order of its own; each must have one outcome."""
    server, queues = start(**doubled.settings), doubled.queues
    names = [str(uuid.UUID(int=number)) for number in range(messages)]
    with server.visit() as first:
        pass
    with ThreadPoolExecutor(8) as tabs:
        told, *others = tabs.map(lambda seed: send_all(server, first.resume_token, names, seed), range(8))
    assert all(other == told for other in others)
    eventually(lambda: queues and queues.holds(queues.queue) == queues.holds(queues.dead) == (0, 0))
    log = stored(server, first)
    assert [m["seq"] for m in log] == list(range(1, 2 * messages + 2))
    questions = {m["clientMessageId"]: m["messageId"] for m in log if m["sender"] == "user"}
    assert questions == told
    assert sorted(m["inReplyTo"] for m in log if "inReplyTo" in m) == sorted(questions.values())


def send_all(server: Server, resume_token: str, names: list[str], seed: int) -> dict[str, str]:
    """Send every message in an order of one's own, each until it is accepted; the id that each got."""
    with server.browser() as tab:
        assert tab.start(resumeToken=resume_token)["type"] == "session"
        shuffled = Random(seed).sample(names, len(names))
        return {name: eventually(lambda name=name: accepted(tab, name), ceiling=100) for name in shuffled}


def accepted(tab: Browser, name: str) -> str:
    """The id that a message got; "" when it was refused for the moment."""
    tab.say("quanto custa uma faxina?", client_message_id=name)
    told = tab.until(lambda frame: frame["type"] in ("accepted", "error") and frame.get("clientMessageId") == name)
    if told["type"] == "accepted":
        return str(told["messageId"])
    assert told["code"] in ("rate_limited", "unavailable"), told  # moto takes longer than 2 s on a busy machine
    tab.listen(0.5)
    return ""
