"""Whatever the model service does, the person gets a final message in Portuguese, and the same is stored.

The service is `llmock`: a real HTTP server that speaks OpenAI's protocol and fails on demand.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import joined
from tests.conftest import Start
from tests.server import Server, stored

QUESTION = "quanto custa um encanador?"
SHORT = {
    "RESPONSE_TIMEOUT_SECONDS": "8",
    "FIRST_TOKEN_SECONDS": "1.5",
    "BETWEEN_TOKENS_SECONDS": "1",
}
WORDS = "Um encanador costuma cobrar por visita e o valor final depende do conserto, combinado antes com você."


def against(start: Start, llmock: Any, **settings: str) -> Server:
    return start(OPENAI_API_KEY="test", OPENAI_BASE_URL=llmock.base_url("openai"), **{**SHORT, **settings})


def test_the_model_streams_and_its_tokens_and_cost_are_kept(start: Start, llmock: Any) -> None:
    llmock.reply(WORDS).pace(30)
    server = against(start, llmock)
    with server.visit() as browser:
        reply = browser.ask(QUESTION)
        assert reply["content"] == WORDS == joined(browser.deltas_of(reply["messageId"]))
        assert len(browser.deltas_of(reply["messageId"])) > 3 and reply["finish"] == "complete"
        assert stored(server, browser)[-1] == reply
    sent = llmock.last_request.body
    assert sent["stream"] and sent["stream_options"] == {"include_usage": True}
    assert "### Encanamento" in sent["messages"][0]["content"]


FAULTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "429 with Retry-After, once": (lambda llmock: llmock.reply(WORDS).rate_limit(retry_after=1), "complete"),
    "429 for ever": (lambda llmock: llmock.rate_limit(times=None, retry_after=60), "fallback"),
    "500 once": (lambda llmock: llmock.reply(WORDS).fail(500), "complete"),
    "500 for ever": (lambda llmock: llmock.outage(status=500), "fallback"),
    "401": (lambda llmock: llmock.fail(401, times=None), "fallback"),
    "prompt too long": (lambda llmock: llmock.context_overflow(times=None), "fallback"),
    "stall in mid-stream": (lambda llmock: llmock.reply(WORDS).stall(after_chunks=4, seconds=30), "fallback"),
    "truncated": (lambda llmock: llmock.reply(WORDS).truncate(after_chunks=4), "fallback"),
    "disconnected": (lambda llmock: llmock.reply(WORDS).disconnect(after_chunks=4), "fallback"),
    "malformed chunk": (lambda llmock: llmock.reply(WORDS).corrupt(after_chunks=4), "fallback"),
    "slow first token": (lambda llmock: llmock.reply(WORDS).slow_first_token(20), "fallback"),
    "slow to answer at all": (lambda llmock: llmock.delay(20), "fallback"),
}


@pytest.mark.requirement("R8.5")
@pytest.mark.parametrize("fault", FAULTS)
def test_every_failure_ends_in_a_message_that_helps(start: Start, llmock: Any, fault: str) -> None:
    break_it, finish = FAULTS[fault]
    break_it(llmock)
    llmock.pace(5)
    server = against(start, llmock)
    with server.visit() as browser:
        reply = browser.reply_to(browser.say(QUESTION), ceiling=float(SHORT["RESPONSE_TIMEOUT_SECONDS"]) + 1)
        assert reply["finish"] == finish
        if finish == "fallback":
            assert "R$ 120" in reply["content"] and reply["actions"] and "encanador" in reply["content"].lower()
        assert joined(browser.deltas_of(reply["messageId"])) == reply["content"]
        assert stored(server, browser)[-1] == reply
    # Its verdict on a cut stream only sees that nobody asked again; here the person has got the fallback instead.
    expected = {"truncated_stream_accepted"} if fault == "truncated" else set()
    assert {finding.code for finding in llmock.verdict().errors} == expected


def test_a_service_that_is_not_there_at_all_is_answered_around(start: Start) -> None:
    server = start(OPENAI_API_KEY="test", OPENAI_BASE_URL="http://127.0.0.1:9/v1", **SHORT)
    with server.visit() as browser:
        reply = browser.ask(QUESTION)
        assert reply["finish"] == "fallback" and "R$ 120" in reply["content"]


def test_without_knowledge_or_model_the_contact_is_given(start: Start, llmock: Any) -> None:
    llmock.outage()
    with against(start, llmock).visit() as browser:
        reply = browser.ask("quem ganhou o jogo ontem à noite?")
        assert reply["finish"] == "fallback" and "suporte@example.com" in reply["content"]


def test_a_running_reply_can_be_cancelled_and_keeps_what_was_shown(start: Start, llmock: Any) -> None:
    llmock.reply(WORDS * 4).pace(60)
    server = against(start, llmock)
    with server.visit() as browser:
        sent = browser.say(QUESTION)
        accepted = browser.outcome_of(sent)
        browser.until(lambda frame: frame.get("type") == "replyDelta" and frame["index"] == 2)
        browser.send("cancelReply", messageId=accepted["messageId"])
        reply = browser.answer_of(accepted["messageId"])
        assert reply["finish"] == "cancelled" and WORDS.startswith(reply["content"][:20])
        llmock.reset()
        llmock.reply("Próxima.")
        assert browser.ask("faxina")["content"] == "Próxima."
        assert joined(browser.deltas_of(reply["messageId"])) == reply["content"]
        assert [m["seq"] for m in stored(server, browser)] == [1, 2, 3, 4, 5]


def test_cancelling_works_while_the_model_is_silent(start: Start, llmock: Any) -> None:
    llmock.reply(WORDS).slow_first_token(20)
    with against(start, llmock, FIRST_TOKEN_SECONDS="6").visit() as browser:
        accepted = browser.outcome_of(browser.say(QUESTION))
        browser.until_type("replyStarted")
        browser.send("cancelReply", messageId=accepted["messageId"])
        assert browser.answer_of(accepted["messageId"], ceiling=3)["finish"] == "cancelled"


def test_a_tab_that_joins_late_gets_the_text_so_far_and_the_rest_live(start: Start, llmock: Any) -> None:
    llmock.reply(WORDS * 4).pace(40)
    server = against(start, llmock)
    with server.visit() as early, server.browser() as late:
        accepted = early.outcome_of(early.say(QUESTION))
        early.until(lambda frame: frame.get("type") == "replyDelta" and frame["index"] == 3)
        late.start(resumeToken=early.resume_token)
        reply = late.answer_of(accepted["messageId"])
        deltas = late.deltas_of(reply["messageId"])
        assert joined(deltas) == reply["content"] == WORDS * 4
        assert len(deltas) > 2 and deltas[0]["index"] >= 3
        assert early.answer_of(accepted["messageId"]) == reply


def test_an_old_service_that_knows_neither_option_is_asked_without_them(start: Start, llmock: Any) -> None:
    llmock.fail(400, message="Unrecognized request argument supplied: stream_options")
    llmock.fail(400, message="Unsupported parameter: 'max_completion_tokens'. Use 'max_tokens' instead.")
    llmock.reply("Respondido.")
    with against(start, llmock).visit() as browser:
        assert browser.ask(QUESTION)["content"] == "Respondido."
        assert browser.ask(QUESTION)["finish"] == "complete"
    last = llmock.last_request.body
    assert "stream_options" not in last and "max_completion_tokens" not in last and last["max_tokens"] == 600
    assert len(llmock.requests) == 4
