"""The durable queue: SQS FIFO as the functions of an app see it."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from local_browsers import browser, hear, in_thread, order, play
from local_runtime import APPS, Running, Start, eventually, refused


def enqueue(running: Running, *bodies: str, group: str = "g", **more: Any) -> None:
    async def story() -> None:
        async with browser(running) as socket:
            await order(socket, do="queue", group=group, bodies=list(bodies), **more)
            assert await hear(socket) == "queued"

    play(story())


def worked(running: Running, *bodies: str) -> list[str]:
    """What was worked on, in order, once all of these were."""
    for body in bodies:
        running.wait_for("worked", lambda done, body=body: done == body)
    return running.seen("worked")


def rows(folder: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "queue.sqlite3") as db:
        found = db.execute('SELECT queue, "group", dedup, body, receive_count FROM message ORDER BY id').fetchall()
    db.close()
    return found


def test_a_message_has_the_shape_of_sqs(start: Start, tmp_path: Path) -> None:
    running = start()
    enqueue(running, "olá", group="session-1", dedup="d1")
    record = running.wait_for("work")
    assert record["body"] == "olá"
    assert record["md5OfBody"] == hashlib.md5("olá".encode()).hexdigest()
    assert record["messageAttributes"] == {}
    assert record["eventSource"] == "aws:sqs"
    assert re.fullmatch(r"arn:aws:sqs:\w+:\d{12}:work\.fifo", record["eventSourceARN"])
    assert {"messageId", "receiptHandle", "awsRegion"} <= set(record)
    attributes = record["attributes"]
    assert attributes["ApproximateReceiveCount"] == "1"
    assert attributes["MessageGroupId"] == "session-1"
    assert attributes["MessageDeduplicationId"] == "d1"
    assert attributes["SentTimestamp"].isdigit()
    worked(running, "olá")
    assert running.stop() == 0
    assert rows(tmp_path) == []


def test_a_group_is_delivered_in_order_one_at_a_time(start: Start) -> None:
    running = start()
    bodies = [f"m{number}" for number in range(50)]
    enqueue(running, *bodies)
    assert worked(running, bodies[-1]) == bodies


def test_groups_are_delivered_side_by_side_up_to_the_functions_concurrency(start: Start) -> None:
    running = start()
    for number in range(5):
        enqueue(running, f"gate door{number}", group=f"group{number}")
    for number in range(4):
        running.wait_for("waiting", lambda gate, number=number: gate == f"door{number}")
    assert len(running.seen("work")) == 4  # maximum_concurrency of the function
    running.open("door0")
    running.wait_for("waiting", lambda gate: gate == "door4")
    for number in range(1, 5):
        running.open(f"door{number}")
    worked(running, *[f"gate door{number}" for number in range(5)])


def test_a_message_waits_until_the_function_that_sent_it_has_returned(start: Start, tmp_path: Path) -> None:
    running = start()

    async def story() -> None:
        async with browser(running) as sender, browser(running) as other:
            await order(sender, do="queue", group="g", bodies=["first"], gate="sending")
            await in_thread(running.wait_for, "waiting", lambda gate: gate == "sending")
            assert [row[3] for row in rows(tmp_path)] == ["first"]  # on file, though not handed over
            await order(other, do="queue", group="g", bodies=["second"])
            await order(other, do="queue", group="h", bodies=["elsewhere"])
            await in_thread(worked, running, "elsewhere")
            assert running.seen("worked") == ["elsewhere"]
            await in_thread(running.open, "sending")
            assert await in_thread(worked, running, "second") == ["elsewhere", "first", "second"]

    play(story())


def test_a_raise_redelivers_at_once_and_the_third_receipt_is_the_last(start: Start) -> None:
    running = start()
    enqueue(running, "fail", "next")
    worked(running, "next")
    receipts = [(item["body"], item["attributes"]["ApproximateReceiveCount"]) for item in running.seen("work")]
    assert receipts == [("fail", "1"), ("fail", "2"), ("fail", "3"), ("next", "1")]
    dead = running.wait_for("dead")
    assert dead["body"] == "fail"
    assert dead["attributes"]["MessageGroupId"] == "g"
    assert dead["eventSourceARN"].endswith(":work-dlq.fifo")


def test_without_a_dead_letter_function_the_message_is_dropped_with_a_line(start: Start, tmp_path: Path) -> None:
    running = start(app="stubborn")
    assert eventually(lambda: [line for line in running.err if "dropped after 3 receipts" in line])
    assert running.stop() == 0
    assert rows(tmp_path) == []


def test_a_known_deduplication_id_is_taken_and_dropped(start: Start) -> None:
    running = start()
    enqueue(running, "one", dedup="same")
    worked(running, "one")
    enqueue(running, "two", dedup="same")
    enqueue(running, "three", dedup="other")
    assert worked(running, "three") == ["one", "three"]


def test_killed_with_9_in_mid_message_it_is_redelivered_with_count_2(start: Start, tmp_path: Path) -> None:
    running = start()
    enqueue(running, "gate crash", "after")
    running.wait_for("waiting", lambda gate: gate == "crash")
    assert [(row[3], row[4]) for row in rows(tmp_path)] == [("gate crash", 1), ("after", 0)]
    first = running.wait_for("work")
    running.kill()
    again = start()
    again_seen = again.wait_for("work", lambda item: item["attributes"]["ApproximateReceiveCount"] == "2")
    assert (again_seen["body"], again_seen["messageId"]) == ("gate crash", first["messageId"])
    again.open("crash")
    assert worked(again, "after") == ["gate crash", "after"]


@pytest.mark.parametrize("minutes", [0, 10])
def test_deduplication_ids_on_file_are_remembered_over_a_restart(start: Start, tmp_path: Path, minutes: int) -> None:
    running = start()
    enqueue(running, "gate hold", dedup="same")
    running.wait_for("waiting", lambda gate: gate == "hold")
    running.kill()
    with sqlite3.connect(tmp_path / "queue.sqlite3") as db:
        db.execute("UPDATE message SET sent_at = sent_at - ?", (minutes * 60_000,))
    db.close()
    again = start()
    enqueue(again, "twin", dedup="same")
    again.open("hold")
    enqueue(again, "last", dedup="other")
    assert worked(again, "last") == ["gate hold", "last"]


def test_killed_three_times_it_goes_to_the_dead_letters(start: Start) -> None:
    running = start()
    enqueue(running, "gate never")
    for receipt in "123":
        running.wait_for("work", lambda item, receipt=receipt: item["attributes"]["ApproximateReceiveCount"] == receipt)
        running.kill()
        running = start()
    assert running.wait_for("dead")["body"] == "gate never"


def test_a_stop_lets_what_is_in_flight_finish_and_keeps_what_waits(start: Start, tmp_path: Path) -> None:
    running = start()
    enqueue(running, "gate stop", "waiting")
    running.wait_for("waiting", lambda gate: gate == "stop")
    running.process.terminate()
    running.wait_until_closed()
    running.open("stop")
    assert running.ended() == 0
    assert running.seen("worked") == ["gate stop"]
    assert [(row[3], row[4]) for row in rows(tmp_path)] == [("waiting", 0)]
    assert worked(start(), "waiting") == ["gate stop", "waiting"]


def test_a_second_runtime_on_the_same_folder_is_refused(start: Start, tmp_path: Path) -> None:
    start()
    status, error = refused(APPS / "foreign.py", "--port", "0", "--data-dir", str(tmp_path))
    assert status == 2
    assert error.startswith("Another runtime uses")


def test_a_queue_nobody_listens_to_does_not_exist(start: Start) -> None:
    running = start()

    async def story() -> None:
        async with browser(running) as socket:
            await order(socket, do="queue", queue="typo.fifo", group="g", bodies=["x"])
            assert (await hear(socket))["message"] == "Internal server error"

    play(story())
    assert running.stop() == 0
    assert "no on_sqs_message function is registered for the queue 'typo.fifo'" in "".join(running.err)
