"""The queue of turns on SQS FIFO (moto behind real HTTP), polled as Lambda's event source does."""

import dataclasses
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chalice.app import SQSEvent

from chalicelib.adapters.aws import client
from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.adapters.sqs import SQSQueue
from chalicelib.adapters.sqs_queues import create_queues, dead_letters_of
from chalicelib.entrypoints import jobs
from chalicelib.entrypoints.local import TURNS
from chalicelib.errors import Unavailable
from chalicelib.services import Services
from chalicelib.settings import from_environment
from tests.adapters.test_dynamodb import command
from tests.browser import joined, last_attempt
from tests.chat.room import Room, ScriptedModel
from tests.server import ROOT
from tests.sqs import Queues

_number = itertools.count(1)
REGION = "us-east-1"


class Poller:
    """What Lambda does between queue and function: one message at a time, deleted when the function returns."""

    def __init__(self, endpoint: str) -> None:
        self._client = client("sqs", REGION, endpoint)
        attributes = {"FifoQueue": "true", "VisibilityTimeout": "45"}
        self.url = self._client.create_queue(QueueName=f"turns-{next(_number)}.fifo", Attributes=attributes)["QueueUrl"]

    def take(self) -> dict[str, Any] | None:
        """The next message as Lambda's event has it; None when nothing is visible."""
        options = {"MaxNumberOfMessages": 1, "AttributeNames": ["All"], "WaitTimeSeconds": 0}
        for message in self._client.receive_message(QueueUrl=self.url, **options).get("Messages", []):
            names = {"MessageId": "messageId", "ReceiptHandle": "receiptHandle", "Body": "body"}
            return {names[key]: message[key] for key in names} | {"attributes": message["Attributes"]}
        return None

    def delete(self, record: dict[str, Any]) -> None:
        self._client.delete_message(QueueUrl=self.url, ReceiptHandle=record["receiptHandle"])

    def hand_over(self, record: dict[str, Any], services: Services) -> None:
        jobs.reply(SQSEvent({"Records": [record]}, None), services)
        self.delete(record)


@pytest.fixture
def poller(dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Poller]:
    """`dynamodb` is moto's address; its SQS is there too."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    yield Poller(dynamodb)


@pytest.fixture
def queues(poller: Poller, dynamodb: str) -> Iterator[Queues]:
    """As an operator makes them."""
    made = Queues(dynamodb)
    yield made
    made.close()


def test_a_conversation_is_one_at_a_time_and_others_beside_it(poller: Poller) -> None:
    queue = SQSQueue(poller.url, REGION)
    for body, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        queue.send(body, group, f"{group}#{body}")
    first, second = poller.take(), poller.take()
    assert first and second and {first["body"], second["body"]} == {"a1", "b1"} and poller.take() is None
    poller.delete(first if first["body"] == "a1" else second)
    third = poller.take()
    assert third and third["body"] == "a2"


def test_a_message_sent_twice_is_one(poller: Poller) -> None:
    queue = SQSQueue(poller.url, REGION)
    for _ in range(2):
        queue.send("once", "g", "same")
    record = poller.take()
    assert record
    poller.delete(record)
    assert poller.take() is None


def test_a_worker_that_fails_gives_its_turn_back_at_once(poller: Poller) -> None:
    room = Room(ScriptedModel(["Resposta."]))
    services = Services(room.ports.settings)
    room.ports = dataclasses.replace(room.ports, queue=SQSQueue(poller.url, REGION))
    room.start()
    room.say("quanto custa um encanador?")
    record = poller.take()
    assert record
    broken = SQLiteSessions(None)
    broken.close()
    services.ports = dataclasses.replace(room.ports, sessions=broken)
    with pytest.raises(Unavailable):
        poller.hand_over(record, services)
    services.ports = room.ports
    again = poller.take()
    assert again and again["attributes"]["ApproximateReceiveCount"] == "2"
    poller.hand_over(again, services)
    reply = room.seen()[-1]
    assert reply["content"] == "Resposta." == joined(last_attempt(room.seen(), reply["messageId"]))
    assert poller.take() is None


def test_a_queue_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    with pytest.raises(Unavailable):
        SQSQueue("http://127.0.0.1:9/123456789012/turns.fifo", REGION).send("b", "g", "d")


def test_the_queues_are_made_with_their_numbers_and_brought_back_to_them(queues: Queues) -> None:
    dead = queues.attributes(queues.dead)
    turns = queues.attributes(queues.queue)
    assert (turns["FifoQueue"], turns["VisibilityTimeout"], turns["MessageRetentionPeriod"]) == ("true", "45", "345600")
    assert (dead["FifoQueue"], dead["VisibilityTimeout"], dead["MessageRetentionPeriod"]) == ("true", "45", "1209600")
    assert {queue["FifoThroughputLimit"] for queue in (turns, dead)} == {"perMessageGroupId"}
    assert json.loads(turns["RedrivePolicy"]) == {"deadLetterTargetArn": dead["QueueArn"], "maxReceiveCount": 3}
    changed = {"VisibilityTimeout": "1", "RedrivePolicy": ""}
    queues.client.set_queue_attributes(QueueUrl=queues.queue, Attributes=changed)
    said = create_queues(from_environment({"QUEUE_URL": queues.queue}))
    assert [line.partition(", ")[0] for line in said] == ["turns.fifo: already there", "turns-dlq.fifo: already there"]
    assert queues.attributes(queues.queue) == turns and queues.attributes(queues.dead) == dead


def test_the_functions_listen_to_the_queues_that_are_made() -> None:
    source = (ROOT / "app.py").read_text("utf-8")
    assert set(re.findall(r'queue="([^"]+)"', source)) == {TURNS, dead_letters_of(TURNS)}


@pytest.mark.parametrize(
    ("settings", "status", "told"),
    [
        ({"QUEUE_URL": "http://127.0.0.1:1/1/turns.fifo"}, 1, "SQS: Could not connect"),
        ({}, 2, "STORE, QUEUE_URL: nothing to make"),
        ({"QUEUE_URL": "turns"}, 2, "QUEUE_URL: 'turns' is not valid"),
    ],
)
def test_a_command_that_cannot_make_them_ends_in_one_line(settings: dict[str, str], status: int, told: str) -> None:
    ended = command("chalicelib.entrypoints.provision", **{"STORE": "", **settings})
    assert ended.returncode == status and ended.stderr.startswith(told) and len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["", "other.fifo"])
def test_turns_are_not_sent_to_one_queue_and_taken_from_another(queues: Queues, tmp_path: Path, name: str) -> None:
    url = f"{queues.url}/1/{name}" if name else ""
    settings = {"STORE": "memory", "QUEUE_URL": url, "DATA_DIR": str(tmp_path)}
    arguments = ("app.py", "--port", "0", "--sqs-endpoint", queues.url)
    ended = command("runtime", *arguments, **settings)
    assert ended.returncode == 2 and ended.stderr.startswith("QUEUE_URL: set it to the URL of turns.fifo")


def test_the_settings_choose_the_queue_and_the_sockets_of_aws() -> None:
    services = Services(from_environment({"QUEUE_URL": "https://sqs.example/1/turns.fifo"}))
    assert isinstance(services.queue, SQSQueue)
    with pytest.raises(ValueError, match="CONNECTIONS_URL"):
        _ = services.outbox
