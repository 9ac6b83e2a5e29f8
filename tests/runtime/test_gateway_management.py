"""gateway.md 21–23: the @connections API, as boto3 sees it."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from botocore.exceptions import ClientError
from local_browsers import browser, ending, hear, identify, in_thread, play
from local_runtime import Running, Start

NOBODY = base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()


def test_gateway_21_post_reaches_the_browser(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            connection_id = await identify(shared, socket)
            client = shared.management()
            answer = await in_thread(lambda: client.post_to_connection(ConnectionId=connection_id, Data="olá".encode()))
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
            assert await hear(socket) == "olá"

    play(story())


def test_gateway_21_get_describes_the_connection(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared, user_agent_header="Fox/2") as socket:
            connection_id = await identify(shared, socket)
            client = shared.management()
            found = await in_thread(lambda: client.get_connection(ConnectionId=connection_id))
            assert found["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "Fox/2"}
            assert datetime.now(UTC) - found["ConnectedAt"] < timedelta(minutes=1)
            assert found["LastActiveAt"] >= found["ConnectedAt"]

    play(story())


def test_gateway_21_delete_closes_with_1000(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            connection_id = await identify(shared, socket)
            client = shared.management()
            answer = await in_thread(lambda: client.delete_connection(ConnectionId=connection_id))
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
            assert (await ending(socket))[0] == 1000
        context = (await in_thread(shared.wait_for, "disconnect", lambda event: connection_id in str(event)))[
            "requestContext"
        ]
        assert context["disconnectStatusCode"] == 1000
        assert context["disconnectReason"] == "Connection Closed Normally"

    play(story())


@pytest.mark.parametrize("call", ["post_to_connection", "get_connection", "delete_connection"])
def test_gateway_22_boto3_raises_its_own_exception_for_who_is_gone(shared: Running, call: str) -> None:
    client = shared.management()
    data = {"Data": b"x"} if call == "post_to_connection" else {}
    with pytest.raises(client.exceptions.GoneException):
        getattr(client, call)(ConnectionId=NOBODY, **data)


def test_gateway_22_wrong_stage_is_forbidden(shared: Running) -> None:
    client = shared.management(stage="prod")
    with pytest.raises(client.exceptions.ForbiddenException):
        client.post_to_connection(ConnectionId=NOBODY, Data=b"x")


def test_gateway_22_who_comes_through_a_proxy_is_forbidden(shared: Running) -> None:
    headers = {"X-Forwarded-For": "127.0.0.1"}
    assert httpx.get(f"{shared.url}/dev/@connections/{NOBODY}", headers=headers).status_code == 403


def test_gateway_22_too_much_is_413(shared: Running) -> None:
    client = shared.management()
    with pytest.raises(client.exceptions.PayloadTooLargeException):
        client.post_to_connection(ConnectionId=NOBODY, Data=b"x" * 131_073)


def test_gateway_22_malformed_id_is_400(shared: Running) -> None:
    with pytest.raises(ClientError) as refused:
        shared.management().get_connection(ConnectionId="nonsense")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_gateway_22_too_many_calls_a_second_are_429(start: Start) -> None:
    client = start("--calls-per-second", "1").management()

    def call() -> str:
        with pytest.raises(ClientError) as refused:
            client.get_connection(ConnectionId=NOBODY)
        return str(refused.value.response["Error"]["Code"])

    assert {call() for _ in range(20)} == {"GoneException", "LimitExceededException"}


def test_gateway_22_full_buffer_is_429_then_410(start: Start) -> None:
    running = start()
    client = running.management()

    def fill(connection_id: str) -> None:
        for _ in range(1000):
            client.post_to_connection(ConnectionId=connection_id, Data=b"x" * 100_000)

    async def story() -> None:
        async with browser(running, max_queue=1) as deaf:
            connection_id = await identify(running, deaf)
            deaf.transport.pause_reading()
            with pytest.raises(client.exceptions.LimitExceededException):
                await in_thread(fill, connection_id)
            with pytest.raises(client.exceptions.GoneException):
                await in_thread(fill, connection_id)
            deaf.transport.abort()

    play(story())


def test_gateway_10_escaped_ids_and_paths_are_taken(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            connection_id = await identify(shared, socket)
            path = f"/dev/%40connections/{connection_id.replace('=', '%3D')}"
            answer = await in_thread(lambda: httpx.get(shared.url + path))
            assert answer.status_code == 200
            assert set(answer.json()) == {"connectedAt", "lastActiveAt", "identity"}
            assert answer.json()["connectedAt"].endswith("Z")

    play(story())


def test_access_log_shows_no_whole_connection_id(start: Start) -> None:
    running = start()

    async def story() -> None:
        async with browser(running, "?token=secret") as socket:
            connection_id = await identify(running, socket)
            await in_thread(lambda: httpx.get(f"{running.url}/dev/@connections/{connection_id}?key=secret"))
        await in_thread(running.wait_for, "disconnect")
        assert running.stop() == 0
        log = "".join(running.out)
        assert connection_id not in log
        assert "secret" not in log
        for line in ("ws connect", "ws $default", "ws disconnect", "GET @connections"):
            assert any(line in written and connection_id[:8] in written for written in running.out), line

    play(story())


def test_no_access_log_when_not_wanted(start: Start) -> None:
    running = start("--no-access-log")
    httpx.get(f"{running.url}/cookies")
    assert running.stop() == 0
    assert json.dumps(running.out).count("/cookies") == 0
