"""What a person, a browser or a test sees of faults on demand, and who may ask for them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from functools import partial
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from local_browsers import browser, hear, identify, in_thread, order, play
from local_runtime import CEILING, Running, Start, refused

from runtime.faults import FAULTS, Faults, Line, parse, plan
from runtime.wire import Delivery


def control(running: Running, plan: Any = None, **headers: str) -> Any:
    """What is in force now, after this `plan` was put in force if there is one."""
    answer = ask(running, plan, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask(running: Running, plan: Any = None, **headers: str) -> httpx.Response:
    method = "GET" if plan is None else "PUT"
    return httpx.request(method, f"{running.url}/_faults", json=plan, headers=headers, timeout=CEILING)


def test_without_the_option_nothing_answers(shared: Running) -> None:
    assert ask(shared).status_code == 403  # as Chalice answers where there is no route


def test_they_are_refused_where_others_could_come() -> None:
    status, said = refused("app.py", "--host", "0.0.0.0", "--faults", "drop=0.1")
    assert status == 2 and said.startswith("--faults is for development")


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("drop=2", "not a share from 0 to 1"),
        ("drop", "such as drop=0.2"),
        ("thunder=0.1", "there is no fault thunder"),
        ("longest=60", "not a number of seconds"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(given: str, complaint: str) -> None:
    status, said = refused("app.py", "--faults", given)
    assert status == 2 and complaint in said


def test_another_plan_is_taken_while_it_runs(start: Start) -> None:
    running = start("--faults", "drop=0.5,seed=3")
    assert control(running) == {"drop": 0.5, "seed": 3, "longest": 0.3, "struck": {}}
    assert control(running, {"all": 0.1, "kill": 0})["gone"] == 0.1
    for wrong in ({"drop": "often"}, {"drop": True}, {"seed": 0.5}, ["drop"]):
        assert ask(running, wrong).status_code == 400
    assert control(running)["kill"] == 0 and control(running)["drop"] == 0.1


@pytest.mark.parametrize("header", ["Origin", "X-Forwarded-For"])
def test_a_page_or_a_proxy_may_not_change_it(start: Start, header: str) -> None:
    running = start("--faults", "seed=1")
    assert ask(running, {"drop": 1}, **{header: "http://elsewhere.example"}).status_code == 403
    assert "drop" not in control(running)


@pytest.mark.parametrize("fault", ["drop", "duplicate", "reorder", "delay"])
def test_what_becomes_of_messages_to_a_browser(start: Start, fault: str) -> None:
    running, arrived = start("--faults", "seed=1"), []

    async def story() -> None:
        async with browser(running) as socket:
            to = await identify(running, socket)
            control(running, {fault: 0.5, "seed": 1, "longest": 0.2})
            for number in range(40):
                await in_thread(partial(post, ConnectionId=to, Data=str(number).encode()))
            control(running, {})
            await asyncio.sleep(0.3)  # nothing is later than `longest`
            await order(socket, do="echo")
            while (heard := await hear(socket)) != {"do": "echo"}:
                arrived.append(heard)

    post = running.management().post_to_connection
    play(story())
    assert (set(arrived) == set(range(40))) == (fault != "drop")
    assert (len(arrived) > len(set(arrived))) == (fault == "duplicate")
    assert (arrived == sorted(arrived)) == (fault != "reorder")


@pytest.mark.parametrize("fault", ["drop", "duplicate"])
def test_what_becomes_of_messages_to_a_function(start: Start, fault: str) -> None:
    running = start("--faults", "seed=1")

    async def story() -> None:
        async with browser(running) as socket:
            control(running, {fault: 0.5, "seed": 1})
            for number in range(20):
                await order(socket, do="refuse", number=number)
            control(running, {})
            await order(socket, do="echo")
            await hear(socket)

    play(story())
    seen = Counter(event["body"] for event in running.seen("message") if "number" in event["body"])
    assert (len(seen) < 20) == (fault == "drop") and (2 in seen.values()) == (fault == "duplicate")


def test_a_killed_function_is_a_raise_to_the_browser(start: Start) -> None:
    running = start("--faults", "kill=1")

    async def story() -> None:
        async with browser(running) as socket:
            await order(socket, do="echo")  # what it calls is learnt where it would have died first
            assert await hear(socket) == {"do": "echo"}
            for _ in range(20):  # it may die when the echo is sent already
                await order(socket, do="echo")
                while (heard := await hear(socket)) == {"do": "echo"}:
                    pass
                assert heard["message"] == "Internal server error"

    play(story())
    assert any("FunctionKilled" in line for line in running.err)


def test_a_killed_function_gets_its_message_again_and_at_last_the_dead_letters_do(start: Start) -> None:
    running = start("--faults", "seed=1")

    async def story() -> None:
        async with browser(running) as socket:
            await order(socket, do="queue", group="a", bodies=["lives", "dies"], gate="struck")
            await in_thread(running.wait_for, "waiting", lambda gate: gate == "struck")
            control(running, {"kill": 1})
            running.open("struck")
            await in_thread(running.wait_for, "dead")

    play(story())
    (dead,) = running.seen("dead")
    assert dead["body"] == "dies" and running.seen("worked")[0] == "lives"


def test_a_frozen_process_stands_still_after_each_call(start: Start) -> None:
    running = start("--faults", "freeze=1,longest=0.3,seed=1")
    begun = time.monotonic()

    async def story() -> None:
        async with browser(running) as socket:
            for _ in range(10):
                await order(socket, do="echo")
                await hear(socket)

    play(story())
    assert time.monotonic() - begun > 0.5  # ten times 0.15 s on average, but for the last


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("gone", 410, "GoneException"),
        ("too_large", 413, "PayloadTooLargeException"),
        ("throttled", 429, "LimitExceededException"),
        ("failed", 500, "InternalServerErrorException"),
    ],
)
def test_what_the_management_api_answers(start: Start, fault: str, status: int, code: str) -> None:
    running = start("--faults", f"{fault}=1")
    with pytest.raises(ClientError) as refusal:
        running.management().post_to_connection(ConnectionId="AAAAAAAAAAAAAAA=", Data=b"x")
    answer = refusal.value.response
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (status, code)


def test_the_same_seed_strikes_at_the_same_turns_whatever_else_does() -> None:
    alone, together, other = (Faults(parse(text)) for text in ("drop=0.3,seed=5", "drop=0.3,kill=1,seed=5", "drop=0.3"))
    turns = [alone.strikes("drop") for _ in range(200)]
    assert turns == [together.strikes("kill") and together.strikes("drop") for _ in range(200)]
    assert turns != [other.strikes("drop") for _ in range(200)]
    assert 30 < sum(turns) < 90


def test_every_fault_has_a_name_and_a_word_on_what_it_does() -> None:
    assert set(plan({"all": 0.5}).rates) == set(FAULTS) and all(FAULTS.values())


def test_what_is_late_keeps_its_order() -> None:
    async def story() -> None:
        sent: list[str] = []

        def send(text: str) -> Delivery:
            sent.append(text)
            return Delivery.SENT

        line = Line(Faults(parse("delay=0.3,seed=1,longest=0.05")), send)
        for number in range(100):
            line.post(str(number))
        assert len(sent) < 100
        async with asyncio.timeout(20):
            while len(sent) < 100:
                await asyncio.sleep(0.01)
        assert sent == [str(number) for number in range(100)]

    asyncio.run(story())


def test_faults_are_thrown_from_many_threads() -> None:
    faults = Faults(parse("drop=0.5,seed=1"))
    threads = [threading.Thread(target=lambda: [faults.strikes("drop") for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert 1_700 < faults.describe()["struck"]["drop"] < 2_300
