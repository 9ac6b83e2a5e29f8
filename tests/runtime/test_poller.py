"""Queues on SQS (moto behind real HTTP): what Lambda's event source does with them, done by the runtime."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from local_runtime import APPS, SIGNATURE, Running, Start, eventually, refused

from tests.sqs import Queues

BLOB = {"DataType": "Binary", "BinaryValue": b"\x00\xff"}


@pytest.fixture
def queues(dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queues]:
    """`work.fifo` and `work-dlq.fifo`."""
    for name, value in SIGNATURE.items():
        monkeypatch.setenv(name, value)
    made = Queues(dynamodb, "work")
    yield made
    made.close()


def polling(start: Start, queues: Queues) -> Running:
    return start("--sqs-endpoint", queues.queue)


def receipt(item: dict[str, Any]) -> tuple[str, str]:
    return item["body"], item["attributes"]["ApproximateReceiveCount"]


def test_a_function_gets_the_event_of_lambda_and_then_the_message_is_gone(start: Start, queues: Queues) -> None:
    running = polling(start, queues)
    text = {"DataType": "Number", "StringValue": "7"}
    queues.send("olá", "session-1", MessageAttributes={"n": text, "b": BLOB})
    record = running.wait_for("work")
    attributes: dict[str, Any] = record.pop("attributes")
    assert record.pop("messageId") and record.pop("receiptHandle") and record.pop("md5OfMessageAttributes")
    lists: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    assert record == {
        "body": "olá",
        "md5OfBody": hashlib.md5("olá".encode()).hexdigest(),
        "messageAttributes": {
            "n": {"dataType": "Number", "stringValue": "7", **lists},
            "b": {"dataType": "Binary", "binaryValue": "AP8=", **lists},
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:{queues.account}:work.fifo",
        "awsRegion": "us-east-1",
    }
    assert attributes["ApproximateReceiveCount"] == "1" and attributes["MessageGroupId"] == "session-1"
    assert {"SentTimestamp", "ApproximateFirstReceiveTimestamp", "MessageDeduplicationId"} <= set(attributes)
    assert eventually(lambda: queues.holds(queues.queue) == (0, 0))
    assert running.stop() == 0


def test_a_group_is_in_order_and_groups_are_side_by_side_up_to_the_functions_concurrency(
    start: Start, queues: Queues
) -> None:
    for number in range(5):
        queues.send(f"gate door{number}", f"group{number}")
        queues.send(f"after {number}", f"group{number}")
    running = polling(start, queues)
    for number in range(4):
        running.wait_for("waiting", lambda gate, number=number: gate == f"door{number}")
    assert len(running.seen("work")) == 4  # maximum_concurrency of the function
    running.open("door0")
    running.wait_for("waiting", lambda gate: gate == "door4")
    for number in range(1, 5):
        running.open(f"door{number}")
    worked = eventually(lambda: len(running.seen("worked")) == 10 and running.seen("worked"))
    for number in range(5):
        assert worked.index(f"gate door{number}") < worked.index(f"after {number}")


def test_a_raise_leaves_the_message_to_the_queue_and_the_third_is_the_last(start: Start, queues: Queues) -> None:
    queues.send("fail", "g")
    queues.send("next", "g")
    running = polling(start, queues)
    for count in ("1", "2", "3"):
        running.wait_for("work", lambda item, count=count: receipt(item) == ("fail", count))
        eventually(lambda count=count: f"work raised at receipt {count}" in "".join(running.err))
        assert queues.holds(queues.queue) == (1, 1)  # "next" has to wait
        queues.time_out()
    assert running.wait_for("dead")["body"] == "fail"
    running.wait_for("worked", lambda body: body == "next")
    assert [receipt(item) for item in running.seen("work")][2:] == [("fail", "3"), ("next", "1")]
    assert eventually(lambda: queues.holds(queues.queue) == queues.holds(queues.dead) == (0, 0))


def test_killed_with_9_in_mid_message_another_one_gets_it(start: Start, queues: Queues) -> None:
    queues.send("gate crash", "g")
    running = polling(start, queues)
    running.wait_for("waiting")
    running.kill()
    queues.time_out()
    again = polling(start, queues)
    again.wait_for("work", lambda item: receipt(item) == ("gate crash", "2"))
    again.open("crash")
    again.wait_for("worked")


def test_a_stop_lets_what_is_in_flight_finish_and_gives_back_what_still_comes(start: Start, queues: Queues) -> None:
    queues.send("gate stop", "g")
    running = polling(start, queues)
    running.wait_for("waiting")
    running.process.terminate()
    running.wait_until_closed()
    queues.send("late", "h")
    running.open("stop")
    assert running.ended() == 0
    assert running.seen("worked") == ["gate stop"] and len(running.seen("work")) == 1
    assert queues.holds(queues.queue) == (1, 0)


def test_an_sqs_that_does_not_answer_is_asked_until_it_does(start: Start, queues: Queues) -> None:
    running = polling(start, queues)
    queues.lost["ReceiveMessage"] = 4  # two queues, each asked twice at a time
    assert eventually(lambda: not +queues.lost)
    queues.send("back", "g")
    running.wait_for("worked")
    told = [line for line in running.err if "does not answer" in line]
    assert {line.split()[4] for line in told} == {"work.fifo", "work-dlq.fifo"} and len(told) == 2


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("http://127.0.0.1:1", "The queue work.fifo cannot be used at http://127.0.0.1:1"),
        ("127.0.0.1:9324", "127.0.0.1:9324 is not a URL"),
    ],
)
def test_an_endpoint_that_is_none_stops_the_start_with_one_line(endpoint: str, said: str) -> None:
    status, error = refused(APPS / "foreign.py", "--port", "0", "--sqs-endpoint", endpoint)
    assert status == 2 and said in error.splitlines()[-1]


def test_a_queue_that_is_not_there_stops_the_start_with_one_line(queues: Queues) -> None:
    queues.client.delete_queue(QueueUrl=queues.dead)
    status, error = refused(APPS / "foreign.py", "--port", "0", "--sqs-endpoint", queues.url)
    assert status == 2 and error.startswith("The queue work-dlq.fifo cannot be used") and len(error.splitlines()) == 1
