"""kill -9 at any moment of a turn: one outcome for every accepted message, no hole in the log."""

import random
import uuid
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.browser import Browser, joined, last_attempt
from tests.conftest import Start
from tests.conversation.conftest import KINDS, Stores
from tests.server import Server, stored

QUESTION = "quanto custa um encanador?"
WORDS = "Um encanador costuma cobrar por visita e o valor final depende do conserto, combinado antes com você. " * 2
STEPS = (
    "accept.admitted",
    "accept.queued",
    "accept.stored",
    "accept.sent:2",  # the first one answers startSession
    "reply.taken",
    "reply.question",
    "reply.retrieved",
    "reply.started",
    "reply.first_delta",
    "reply.delta",
    "reply.delta:4",
    "reply.written",
    "reply.stored",
    "reply.sent",
)
# A start on DynamoDB takes three times as long; `make soak` has every step there.
SHARED_STEPS = ("accept.queued", "accept.stored", "reply.started", "reply.delta", "reply.stored", "reply.sent")


def begin(start: Start, llmock: Any, stores: Stores, **settings: str) -> Server:
    """An assistant that finds what the last one has left, also what it had just been working on."""
    stores.time_out()
    model = {"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": llmock.base_url("openai")}
    return start(**stores.settings, **model, **settings)


def read_until_death(browser: Browser) -> None:
    try:
        while True:
            browser.receive(ceiling=30)
    except ConnectionClosed:
        pass


def come_back(server: Server, dead: Browser, sent: str) -> Browser:
    """What a browser does after a crash: resume, and send again what was never acknowledged."""
    browser = server.browser()
    browser.start(resumeToken=dead.resume_token, lastSeq=1)
    known = any(f.get("clientMessageId") == sent and f["type"] in ("accepted", "replyStarted") for f in dead.frames)
    if not known:
        browser.say(QUESTION, client_message_id=sent)
    return browser


def assert_as_promised(server: Server, dead: Browser, back: Browser, sent: str) -> None:
    question = back.until_question(sent)
    reply = back.answer_of(question["messageId"])
    messages = stored(server, back)
    assert [m["seq"] for m in messages] == list(range(1, len(messages) + 1))
    questions = [m for m in messages if m["sender"] == "user" and m["clientMessageId"] == sent]
    outcomes = [m for m in messages if m.get("inReplyTo") == question["messageId"]]
    assert len(questions) == 1 and outcomes == [reply] and reply["content"]
    for frames in (back.frames, [*dead.frames, *back.frames]):
        deltas = last_attempt(frames, reply["messageId"])
        if deltas and frames[-1] is back.frames[-1] and any(f in back.frames for f in deltas):
            assert joined([f for f in deltas if f in back.frames]) == reply["content"]


@pytest.mark.parametrize(
    ("stores", "step"),
    [(KINDS[0], step) for step in STEPS] + [(KINDS[1], step) for step in SHARED_STEPS],
    indirect=["stores"],
)
def test_killed_at_every_step_of_a_turn(start: Start, llmock: Any, stores: Stores, step: str) -> None:
    kill_at(start, llmock, stores, step)


def kill_at(start: Start, llmock: Any, stores: Stores, step: str) -> None:
    llmock.reply(WORDS, times=None).pace(10)
    doomed = begin(start, llmock, stores, DIE_AT_STEP=step)
    sent = str(uuid.uuid4())
    with doomed.visit() as dead:
        dead.say(QUESTION, client_message_id=sent)
        read_until_death(dead)
    doomed.ended()
    server = begin(start, llmock, stores)
    with come_back(server, dead, sent) as back:
        assert_as_promised(server, dead, back, sent)
    assert len(llmock.requests) <= 2


@pytest.mark.parametrize("stores", KINDS[:1], indirect=True)  # on DynamoDB ten times, in `make soak`
def test_killed_three_times_at_random_moments(start: Start, llmock: Any, stores: Stores) -> None:
    kill_at_random(start, llmock, stores, 3)


def kill_at_random(start: Start, llmock: Any, stores: Stores, times: int) -> None:
    llmock.reply(WORDS, times=None).pace(10)
    chance = random.Random(20261122)
    server = begin(start, llmock, stores)
    for _ in range(times):
        sent = str(uuid.uuid4())
        moment = chance.uniform(0.0, 0.7)
        with server.visit() as dead:
            dead.say(QUESTION, client_message_id=sent)
            dead.listen(moment)
            server.kill()
            read_until_death(dead)
        server = begin(start, llmock, stores)
        with come_back(server, dead, sent) as back:
            assert_as_promised(server, dead, back, sent)


DEADLY = {"two workers died with the model": ("reply.first_delta", 2, 2), "every worker died": ("reply.question", 3, 0)}


@pytest.mark.parametrize(
    ("stores", "how"), [*((KINDS[0], how) for how in DEADLY), (KINDS[1], "every worker died")], indirect=["stores"]
)
def test_a_turn_that_kills_its_workers_asks_the_model_twice_at_most_and_then_falls_back(
    start: Start, llmock: Any, stores: Stores, how: str
) -> None:
    give_up(start, llmock, stores, *DEADLY[how])


def give_up(start: Start, llmock: Any, stores: Stores, step: str, deaths: int, calls: int) -> None:
    """The workers of a turn die that many times at `step`; the model is asked `calls` times, then no more."""
    llmock.reply(WORDS, times=None).pace(10)
    sent = str(uuid.uuid4())
    doomed = begin(start, llmock, stores, DIE_AT_STEP=step)
    with doomed.visit() as dead:
        dead.say(QUESTION, client_message_id=sent)
        read_until_death(dead)
    doomed.ended()
    for _ in range(deaths - 1):  # with nobody watching
        assert dies_at_once(start, llmock, stores, step) == -9
    server = begin(start, llmock, stores)
    with come_back(server, dead, sent) as back:
        assert_as_promised(server, dead, back, sent)
        reply = back.answer_of(back.until_question(sent)["messageId"])
        assert reply["finish"] == "fallback" and "R$ 120" in reply["content"]
    assert len(llmock.requests) == calls
    assert server.log.read_text("utf-8").count("turn given up") == deaths - 2


def dies_at_once(start: Start, llmock: Any, stores: Stores, step: str) -> int:
    """Start it again: the turn is delivered once more, and kills it once more."""
    try:
        return begin(start, llmock, stores, DIE_AT_STEP=step).ended()
    except AssertionError:  # it died before its first line was read
        return -9
