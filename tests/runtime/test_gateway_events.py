"""gateway.md 6–10: what the functions are told."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from local_browsers import browser, hear, identify, in_thread, play
from local_runtime import Running

COMMON = {
    "routeKey", "eventType", "extendedRequestId", "requestTime", "messageDirection", "stage", "connectedAt",
    "requestTimeEpoch", "identity", "requestId", "domainName", "connectionId", "apiId",
}  # fmt: skip


@pytest.fixture(scope="module")
def life(shared: Running) -> dict[str, Any]:
    """The three events of one connection, from connect to disconnect."""
    found: dict[str, Any] = {}

    async def story() -> None:
        options = {"origin": "https://shop.example", "user_agent_header": "Fox/1", "compression": "deflate"}
        async with browser(shared, "?a=1&a=2&b=%20x&empty=", **options) as socket:
            found["id"] = await identify(shared, socket)
        await in_thread(shared.wait_for, "disconnect", lambda event: of_this_life(event))

    def of_this_life(event: Any) -> bool:
        return bool(event["requestContext"]["connectionId"] == found["id"])

    play(story())
    return {kind: shared.events_of(kind, found["id"])[0] for kind in ("connect", "message", "disconnect")}


def test_gateway_06_connect_event(life: dict[str, Any]) -> None:
    event = life["connect"]
    assert set(event) == {
        "headers", "multiValueHeaders", "requestContext", "isBase64Encoded", "queryStringParameters",
        "multiValueQueryStringParameters",
    }  # fmt: skip
    assert event["isBase64Encoded"] is False
    assert event["queryStringParameters"] == {"a": "2", "b": " x", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [" x"], "empty": [""]}


def test_gateway_06_connect_headers_keep_their_case(life: dict[str, Any]) -> None:
    headers = life["connect"]["headers"]
    assert set(headers) >= {
        "Host", "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "X-Amzn-Trace-Id",
        "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "Origin", "User-Agent",
    }  # fmt: skip
    assert not {"connection", "upgrade"} & {name.lower() for name in headers}
    assert headers["Origin"] == "https://shop.example"
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert life["connect"]["multiValueHeaders"] == {name: [value] for name, value in headers.items()}
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["X-Amzn-Trace-Id"])


def test_gateway_06_no_query_no_parameters(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            event = shared.events_of("connect", await identify(shared, socket))[0]
        assert set(event) == {"headers", "multiValueHeaders", "requestContext", "isBase64Encoded"}

    play(story())


def test_gateway_06_repeated_header_has_all_its_values(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared, additional_headers=[("X-Many", "1"), ("X-Many", "2")]) as socket:
            event = shared.events_of("connect", await identify(shared, socket))[0]
        assert event["headers"]["X-Many"] == "2"
        assert event["multiValueHeaders"]["X-Many"] == ["1", "2"]

    play(story())


def test_gateway_07_message_event(life: dict[str, Any]) -> None:
    event = life["message"]
    assert set(event) == {"requestContext", "body", "isBase64Encoded"}
    assert event["body"].startswith("who am I")
    assert event["isBase64Encoded"] is False


def test_gateway_08_disconnect_event(life: dict[str, Any], shared: Running) -> None:
    event = life["disconnect"]
    host = shared.url.removeprefix("http://")
    headers = {"Host": host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    assert set(event) == {"headers", "multiValueHeaders", "requestContext", "isBase64Encoded"}
    assert event["headers"] == headers
    assert event["multiValueHeaders"] == {name: [value] for name, value in headers.items()}


def test_gateway_08_a_browsers_code_and_reason(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            connection_id = await identify(shared, socket)
            await socket.close(4001, "tired")
        assert await closing(shared, connection_id) == (4001, "tired")

    play(story())


def test_gateway_08_a_close_frame_without_a_code(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            connection_id = await identify(shared, socket)
            socket.transport.write(b"\x88\x80\x00\x00\x00\x00")  # a close frame with no payload, masked
        assert await closing(shared, connection_id) == (1005, "Client-side close frame status not set")

    play(story())


def test_gateway_08_a_connection_that_breaks(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            connection_id = await identify(shared, socket)
            socket.transport.abort()
        assert await closing(shared, connection_id) == (1006, "Connection closed abnormally")

    play(story())


async def closing(running: Running, connection_id: str) -> tuple[int, str]:
    def mine(event: Any) -> bool:
        return bool(event["requestContext"]["connectionId"] == connection_id)

    context = (await in_thread(running.wait_for, "disconnect", mine))["requestContext"]
    return context["disconnectStatusCode"], context["disconnectReason"]


def test_gateway_09_request_context_of_all_three(life: dict[str, Any], shared: Running) -> None:
    contexts = {kind: event["requestContext"] for kind, event in life.items()}
    assert set(contexts["connect"]) == COMMON
    assert set(contexts["message"]) == COMMON | {"messageId"}
    assert set(contexts["disconnect"]) == COMMON | {"disconnectStatusCode", "disconnectReason"}
    assert [context["eventType"] for context in contexts.values()] == ["CONNECT", "MESSAGE", "DISCONNECT"]
    assert [context["routeKey"] for context in contexts.values()] == ["$connect", "$default", "$disconnect"]
    for context in contexts.values():
        assert context["requestId"] == context["extendedRequestId"]
        assert context["messageDirection"] == "IN"
        assert context["stage"] == "dev"
        assert context["domainName"] == shared.url.removeprefix("http://")
        assert context["identity"] == {"sourceIp": "127.0.0.1", "userAgent": "Fox/1"}
        assert context["connectedAt"] == contexts["connect"]["connectedAt"]
        assert context["requestTimeEpoch"] >= context["connectedAt"]
    assert len({context["requestId"] for context in contexts.values()}) == 3


def test_gateway_09_request_time_is_clf(life: dict[str, Any]) -> None:
    context = life["message"]["requestContext"]
    read = datetime.strptime(context["requestTime"], "%d/%b/%Y:%H:%M:%S %z")
    assert int(read.timestamp()) == context["requestTimeEpoch"] // 1000


def test_gateway_09_no_user_agent_no_field(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared, user_agent_header=None) as socket:
            event = shared.events_of("connect", await identify(shared, socket))[0]
        assert event["requestContext"]["identity"] == {"sourceIp": "127.0.0.1"}

    play(story())


def test_gateway_09_source_ip_is_the_peer_whatever_is_claimed(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared, additional_headers={"X-Forwarded-For": "8.8.8.8"}) as socket:
            event = shared.events_of("connect", await identify(shared, socket))[0]
        assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
        assert "8.8.8.8" not in json.dumps(event)

    play(story())


def test_gateway_10_connection_ids(life: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w-]{15}=", life["connect"]["requestContext"]["connectionId"])


def test_message_body_is_passed_as_it_came(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            await socket.send("café 🛠️ \u2028")
            assert await hear(socket) == "café 🛠️ \u2028"

    play(story())
