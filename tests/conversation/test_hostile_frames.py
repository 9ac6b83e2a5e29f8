"""Frames that no browser of ours would send: a typed error each, and the socket lives on."""

import json
import random
from itertools import islice
from typing import Any

import pytest

from tests.browser import Browser
from tests.conversation.conftest import KINDS
from tests.server import Server

ACTIONS = (
    "startSession",
    "sendMessage",
    "updateContext",
    "typing",
    "giveFeedback",
    "rateSession",
    "trackAction",
    "loadHistory",
    "cancelReply",
)
FIELDS = (
    "resumeToken",
    "identityToken",
    "locale",
    "context",
    "lastSeq",
    "clientMessageId",
    "content",
    "isTyping",
    "messageId",
    "helpful",
    "rating",
    "comment",
    "kind",
    "target",
    "before",
    "limit",
)
CODES = {
    "bad_request",
    "unknown_action",
    "too_large",
    "unauthorized",
    "forbidden",
    "not_found",
    "no_session",
    "session_expired",
    "conflict",
}
FRAMES = 10_000
BATCH = 50
UUID = "0f8b7c1e-0000-4000-8000-00000000dead"


def hostile_value(chance: random.Random) -> Any:
    return chance.choice(
        (
            None,
            True,
            4.5,
            -1,
            0,
            10**40,
            1e300,
            "",
            "\u0000",
            "\ud800",
            "x" * chance.randint(1, 3000),
            "' OR 1=1 --",
            "<script>alert(1)</script>",
            "../../etc/passwd",
            [],
            [[]],
            {},
            {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
            nested(chance.randint(1, 400)),
            {"url": chance.choice((7, None, [], "http://[", "x" * 3000))},
        )
    )


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def hostile_frame(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.1:
        return chance.choice(("", " ", "nul\x00l", "[]", "42", '"sendMessage"', "null", "{", "[" * 5000, "{}", "NaN"))
    action: Any = chance.choice(ACTIONS) if kind < 0.8 else hostile_value(chance)
    frame = {"action": action}
    frame |= {chance.choice(FIELDS): hostile_value(chance) for _ in range(chance.randint(0, 5))}
    text = json.dumps(frame)
    return text[: chance.randint(1, len(text))] if kind > 0.9 else text


def is_harmless(text: str) -> bool:
    """Whether a generated frame happens to be one that is fine to send, and so is not answered by an error."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(frame, dict) and (
        (frame.get("action") == "startSession" and not frame.get("resumeToken"))
        or (frame.get("action") == "typing" and isinstance(frame.get("isTyping"), bool))
        or (frame.get("action") == "updateContext" and isinstance(frame.get("context"), dict))
    )


@pytest.mark.parametrize(
    "server", KINDS[:1], indirect=True, scope="session"
)  # frames are looked at before any store is
@pytest.mark.parametrize("seed", range(4))
def test_ten_thousand_frames_get_a_typed_error_each(server: Server, seed: int) -> None:
    chance = random.Random(seed)
    with server.visit() as browser:
        for batch in range(FRAMES // 4 // BATCH):
            made = iter(lambda: hostile_frame(chance), None)
            for text in islice((text for text in made if not is_harmless(text)), BATCH):
                browser.send_raw(text)
            assert_errors(browser, BATCH)
            browser.send("ping", nonce=f"{batch}")
            assert browser.until_type("pong", "error")["nonce"] == f"{batch}"
        assert browser.ask("faxina")["finish"] == "complete"
    assert "Traceback" not in server.printed() and "action failed" not in server.log.read_text()


def assert_errors(browser: Browser, expected: int) -> None:
    for _ in range(expected):
        frame = browser.until(lambda f: True)
        assert frame["type"] == "error" and frame["code"] in CODES and frame["message"], frame
        assert not {"Traceback", "msgspec", "sqlite"} & set(json.dumps(frame).split())


@pytest.mark.parametrize("rating", ["true", "4.5", "0", "6", '"5"', "null", "1e0", "99999999999999999999"])
def test_a_rating_is_a_whole_number_from_one_to_five(server: Server, rating: str) -> None:
    with server.visit() as browser:
        browser.send_raw(f'{{"action": "rateSession", "rating": {rating}}}')
        error = browser.until_type("error", "ratingSaved")
        assert error["code"] == "bad_request" and error["fields"] == ["rating"]


@pytest.mark.parametrize(
    ("data", "code"),
    [("x" * 32769, 1009), (b'{"action": "ping"}', 1003), ("x" * 200_000, 1009)],
    ids=["over 32 KB", "binary", "over 128 KB"],
)
def test_what_the_gateway_does_not_carry_closes_the_socket_and_the_session_resumes(
    server: Server, data: str | bytes, code: int
) -> None:
    with server.visit() as browser:
        browser.ask("faxina")
        browser.send_raw(data)
        assert browser.closed_with() == code
        with server.browser() as back:
            assert back.start(resumeToken=browser.resume_token)["history"][-1]["seq"] == 3


def test_bad_utf8_closes_with_1007_and_the_session_resumes(server: Server) -> None:
    with server.visit() as browser:
        browser.send_text_bytes(b'{"action": "\xff\xfe"}')
        assert browser.closed_with() == 1007
        with server.browser() as back:
            assert back.start(resumeToken=browser.resume_token)["resumed"]


def test_the_largest_frame_there_may_be_is_answered(server: Server) -> None:
    padding = "x" * (32768 - len('{"action": "ping", "nonce": "n", "more": ""}'))
    with server.visit() as browser:
        browser.send_raw(f'{{"action": "ping", "nonce": "n", "more": "{padding}"}}')
        assert browser.until_type("pong")["nonce"] == "n"
