"""A hundred conversations at once, each with a turn in flight against a streaming model."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.browser import Browser, Frame, joined
from tests.conftest import Start
from tests.server import Server, stored

SESSIONS = 100
TURNS = 2


@pytest.mark.requirement("R8.1")
def test_a_hundred_conversations_at_once(start: Start, llmock: Any) -> None:
    llmock.pace(20)
    server = start(
        OPENAI_API_KEY="test",
        OPENAI_BASE_URL=llmock.base_url("openai"),
        WORKER_CONCURRENCY=str(SESSIONS),
        DELTA_INTERVAL_MS="250",
        RESPONSE_TIMEOUT_SECONDS="40",
        FIRST_TOKEN_SECONDS="30",
    )
    tabs = [(server.visit(), server.browser()) for _ in range(SESSIONS)]
    for one, two in tabs:
        two.start(resumeToken=one.resume_token)
    sent = [one.say(f"quanto custa uma faxina de {number} metros?") for number, (one, _) in enumerate(tabs)]
    with ThreadPoolExecutor(SESSIONS) as people:
        replies = list(people.map(converse, tabs, sent))
        assert all(people.map(lambda pair: in_order(server, pair[0]), tabs))
    for pair in tabs:
        for tab in pair:
            assert not [frame for frame in tab.frames if frame["type"] == "error"]
            tab.close()
    assert len(replies) == SESSIONS and all(reply["finish"] == "complete" for turn in replies for reply in turn)


def converse(tabs: tuple[Browser, Browser], first: str) -> list[Frame]:
    """Wait for the reply, ask once more; both tabs must have seen the same words."""
    one, two = tabs
    replies = [one.reply_to(first, ceiling=60)]
    replies += [one.reply_to(one.say("e quanto tempo demora?"), ceiling=60) for _ in range(TURNS - 1)]
    for reply in replies:
        assert two.answer_of(reply["inReplyTo"], ceiling=60) == reply
        for tab in tabs:
            assert joined(tab.deltas_of(reply["messageId"])) == reply["content"]
    return replies


def in_order(server: Server, browser: Browser) -> bool:
    messages = stored(server, browser)
    assert [m["seq"] for m in messages] == list(range(1, 2 * TURNS + 2))
    assert [m["sender"] for m in messages] == ["assistant", *["user", "assistant"] * TURNS]
    return True
