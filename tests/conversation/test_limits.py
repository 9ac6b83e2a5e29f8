"""The rate limit and the other numbers a browser must respect, over real sockets."""

import pytest
from websockets.exceptions import InvalidStatus

from tests.browser import Browser, Frame
from tests.conftest import Start
from tests.server import Server, eventually

AS_SHIPPED = {
    "RATE_LIMIT_MESSAGES_PER_MINUTE": "",
    "RATE_LIMIT_BURST": "",
    "RATE_LIMIT_PER_IP": "",
    "RATE_LIMIT_ACTIONS_PER_MINUTE": "",
    "MAX_CONNECTIONS_PER_USER": "",
    "MAX_CONNECTIONS_PER_IP": "",
    "MAX_CONCURRENT_SESSIONS": "",
}


def refused(browser: Browser) -> Frame:
    frame = browser.outcome_of(browser.say("mais uma"))
    assert frame["type"] == "error" and frame["code"] == "rate_limited"
    return frame


@pytest.mark.requirement("R8.3")
def test_thirteen_at_once_pass_the_fourteenth_says_when_and_a_new_connection_changes_nothing(start: Start) -> None:
    server = start(**AS_SHIPPED, MAX_WAITING_TURNS="100")
    with server.visit() as browser:
        sent = [browser.say("faxina") for _ in range(14)]  # one after the other's answer would let time pass
        first, *accepted = sorted(map(browser.outcome_of, sent), key=lambda frame: frame["type"] != "error")
        assert [frame["type"] for frame in accepted] == ["accepted"] * 13
        assert first["type"] == "error" and first["code"] == "rate_limited"
        assert 0 < first["retryAfter"] <= 6
        with server.browser() as again:
            again.start(resumeToken=browser.resume_token)
            assert 0 < refused(again)["retryAfter"] <= first["retryAfter"]
    with server.browser() as back:
        back.start(resumeToken=browser.resume_token)
        back.listen(first["retryAfter"])
        assert back.outcome_of(back.say("faxina"))["type"] == "accepted"
        assert 0 < refused(back)["retryAfter"] <= 6


def test_more_questions_than_may_wait_are_told_to_wait(start: Start) -> None:
    server = start(TYPING_PAUSE_MS="100")
    with server.visit() as browser:
        outcomes = [browser.outcome_of(browser.say("faxina")) for _ in range(4)]
        assert [frame["type"] for frame in outcomes] == ["accepted"] * 3 + ["error"]
        assert outcomes[-1]["code"] == "rate_limited" and outcomes[-1]["retryAfter"] > 0


def test_a_full_house_is_told_to_come_back(start: Start) -> None:
    server = start(MAX_CONCURRENT_SESSIONS="1")
    with server.visit() as first, server.browser() as second:
        error = second.start()
        assert error["code"] == "capacity" and error["retryAfter"] > 0
        first.close()
        with server.browser() as third:
            assert eventually(lambda: third.start()["type"] == "session")


def test_too_many_sockets_of_one_address_are_refused_at_the_door(start: Start) -> None:
    server = start(MAX_CONNECTIONS_PER_IP="2")
    with server.browser(), server.browser(), pytest.raises(InvalidStatus) as closed_door:
        server.browser()
    assert closed_door.value.response.status_code == 429


def test_the_session_tells_the_browser_its_limits(server: Server) -> None:
    with server.visit() as browser:
        assert browser.session["limits"] == {
            "maxMessageLength": 2000,
            "maxFrameBytes": 32768,
            "messagesPerMinute": 6000,
            "burst": 1000,
        }
