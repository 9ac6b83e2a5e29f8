"""Conversations with Redis, while it is away, and when it is back."""

import json
import math
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.browser import Browser, joined
from tests.conftest import Start
from tests.server import Server, eventually, stored
from tests.valkey import Valkey

PEOPLE = 50
PER_MINUTE, BURST = 10, 3
WELL_AGAIN_SECONDS = 10.0


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    running = Valkey()
    yield running
    running.stop()


def test_a_conversation_goes_on_when_redis_goes_and_comes(start: Start, valkey: Valkey) -> None:
    server = start(REDIS_URL=valkey.url, RATE_LIMIT_MESSAGES_PER_MINUTE="10")
    assert any(f"cache in Redis at 127.0.0.1:{valkey.port} ·" in line for line in server.lines)
    with server.visit() as browser:
        assert browser.ask("Quanto custa uma faxina?")["content"]
        with valkey.client() as client:
            kinds = {key.split(":")[1] for key in client.scan_iter()}
        assert kinds >= {"limit", "group", "socket"}
        valkey.stop()
        assert browser.ask("E quanto tempo leva?")["content"]
        valkey.start()
        with valkey.client() as client:
            assert eventually(lambda: client.exists("chat:probe"))  # written a moment before Redis is used again
            assert eventually(lambda: browser.ask("Obrigada!")["content"] and list(client.scan_iter("chat:limit:*")))
    assert server.log.read_text("utf-8").count("Redis does not answer") == 1


def test_the_start_says_when_redis_does_not_answer(start: Start, valkey: Valkey) -> None:
    valkey.stop()
    server = start(REDIS_URL=f"redis://me:secret@127.0.0.1:{valkey.port}")
    said = next(line for line in server.lines if "cache in Redis" in line)
    assert "does not answer" in said and "secret" not in said


def stopped(valkey: Valkey, meanwhile: Callable[[], object]) -> None:
    """Gone for a while, and empty when it is back."""
    valkey.stop()
    meanwhile()
    valkey.start()


def restarted_empty(valkey: Valkey, meanwhile: Callable[[], object]) -> None:
    """Gone for a moment only."""
    valkey.stop()
    valkey.start()
    meanwhile()


def slow(valkey: Valkey, meanwhile: Callable[[], object]) -> None:
    """Every answer takes up to two seconds."""
    with valkey.client() as client:
        client.client_pause(2000)
        meanwhile()
        client.client_unpause()


def full(valkey: Valkey, meanwhile: Callable[[], object]) -> None:
    """It takes no writes."""
    with valkey.client() as client:
        client.config_set("maxmemory", 1)
        meanwhile()
        client.config_set("maxmemory", 0)


@pytest.mark.requirement("R8.4")
@pytest.mark.parametrize("outage", [stopped, restarted_empty, slow, full])
def test_fifty_conversations_outlive_an_outage(
    start: Start, valkey: Valkey, outage: Callable[[Valkey, Callable[[], object]], None]
) -> None:
    limits = {"RATE_LIMIT_MESSAGES_PER_MINUTE": str(PER_MINUTE), "RATE_LIMIT_BURST": str(BURST)}
    server = start(REDIS_URL=valkey.url, TYPING_PAUSE_MS="20", MAX_WAITING_TURNS="100", **limits)
    greedy, tabs = server.visit(), [server.visit() for _ in range(PEOPLE)]
    with ThreadPoolExecutor(PEOPLE) as people:
        for tab in tabs:
            tab.say("quanto custa uma faxina?")

        def meanwhile() -> None:
            assert all(people.map(lambda tab: tab.ask("e um encanador?"), tabs))
            assert keeps_to_its_limit(greedy)

        outage(valkey, meanwhile)
        eventually(lambda: health(server) == ("ok", PEOPLE + 1), WELL_AGAIN_SECONDS)
        assert keeps_to_its_limit(greedy)  # a new bucket at most, and no more than that
        assert all(people.map(lambda tab: tab.ask("obrigada!"), tabs))
        assert all(people.map(lambda tab: whole(server, tab), tabs))
    for tab in (greedy, *tabs):
        tab.close()
    eventually(lambda: health(server) == ("ok", 0))


def keeps_to_its_limit(greedy: Browser) -> bool:
    """Whether, of many questions, no more are accepted than a full bucket and what came into it while they were asked.

    Those refused are refused for their number.
    """
    began = time.monotonic()
    sent = [greedy.say("faxina") for _ in range(2 * (PER_MINUTE + BURST))]
    outcomes = [greedy.outcome_of(one) for one in sent]
    assert {frame.get("code", "rate_limited") for frame in outcomes} == {"rate_limited"}
    refilled = math.ceil((time.monotonic() - began) * PER_MINUTE / 60)
    return sum(frame["type"] == "accepted" for frame in outcomes) <= PER_MINUTE + BURST + refilled


def whole(server: Server, tab: Browser) -> bool:
    """Every accepted question has its one outcome, and what was shown is what is stored."""
    messages = stored(server, tab)
    accepted = sorted(frame["messageId"] for frame in tab.frames if frame["type"] == "accepted")
    assert [m["seq"] for m in messages] == list(range(1, len(messages) + 1))
    assert len(accepted) == 3 and sorted(m["messageId"] for m in messages if m["sender"] == "user") == accepted
    assert sorted(m["inReplyTo"] for m in messages if "inReplyTo" in m) == accepted
    for reply in (m for m in messages if "inReplyTo" in m):
        assert joined(tab.deltas_of(reply["messageId"])) == reply["content"]
    return True


def health(server: Server) -> tuple[str, int]:
    """The state of the cache, and how many sessions are open."""
    with urllib.request.urlopen(f"{server.url}/api/v1/health") as response:
        told: dict[str, Any] = json.load(response)
    return told["cache"], told["activeSessions"]
