"""gateway.md 1–5: connecting."""

from __future__ import annotations

import asyncio

import pytest
from local_browsers import browser, hear, in_thread, order, play
from local_runtime import Running, Start
from websockets.exceptions import InvalidStatus


async def refusal(running: Running, query: str) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused:
        async with browser(running, query):
            pass
    return refused.value.response.status_code, refused.value.response.body.decode()


def test_gateway_01_upgrade_waits_for_the_connect_function(shared: Running) -> None:
    async def story() -> None:
        knocking = asyncio.ensure_future(browser(shared, "?gate=door").__aenter__())
        await in_thread(shared.wait_for, "waiting", lambda gate: gate == "door")
        assert not knocking.done()
        await in_thread(shared.open, "door")
        socket = await knocking
        assert "door" in shared.seen("passed")
        await socket.close()

    play(story())


@pytest.mark.parametrize("status", [401, 403, 500])
def test_gateway_02_other_status_refuses_the_handshake_with_it(shared: Running, status: int) -> None:
    async def story() -> None:
        got, _ = await refusal(shared, f"?status={status}")
        assert got == status

    play(story())


def test_gateway_02_other_2xx_opens(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared, "?status=204") as socket:
            await socket.send("in")
            assert await hear(socket) == "in"

    play(story())


def test_gateway_02_raise_refuses_with_502_and_says_nothing_of_why(shared: Running) -> None:
    async def story() -> None:
        status, body = await refusal(shared, "?raise=1")
        assert status == 502
        assert "Internal server error" in body
        assert "RuntimeError" not in body

    play(story())


def test_gateway_02_refused_connection_gets_no_disconnect(shared: Running) -> None:
    async def story() -> None:
        await refusal(shared, "?status=403&mark=refused")
        async with browser(shared) as socket:  # a whole other connection, for a point in time after the refusal
            await socket.send("in")
            await hear(socket)
        refused = next(
            event["requestContext"]["connectionId"]
            for event in shared.seen("connect")
            if event.get("queryStringParameters", {}).get("mark") == "refused"
        )
        assert shared.events_of("disconnect", refused) == []

    play(story())


def test_gateway_03_only_the_functions_subprotocol_reaches_the_browser(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared, "?protocol=chat", subprotocols=["chat", "soap"]) as socket:
            assert socket.subprotocol == "chat"
            assert socket.response is not None
            assert "X-Other" not in socket.response.headers

    play(story())


def test_gateway_03_gateway_echoes_no_subprotocol_by_itself(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared, subprotocols=["chat"]) as socket:
            assert socket.subprotocol is None

    play(story())


def test_gateway_04_without_a_connect_route_connections_are_accepted(start: Start) -> None:
    async def story() -> None:
        async with browser(start(app="silent")):
            pass

    play(story())


@pytest.mark.parametrize(("options", "status"), [((), 429), (("--connects-status", "503"), 503)])
def test_gateway_04_too_many_connections_a_second_are_refused(
    start: Start, options: tuple[str, ...], status: int
) -> None:
    running = start("--connects-per-second", "2", *options)

    async def story() -> None:
        answers = await asyncio.gather(*(handshake(running) for _ in range(8)))
        assert set(answers) == {101, status} and answers.count(101) < 8

    play(story())


def test_gateway_04_a_url_has_at_most_4096_characters(shared: Running) -> None:
    async def story() -> None:
        most = 4096 - len("/ws?filler=")
        assert await handshake(shared, f"?filler={'x' * most}") == 101
        assert await handshake(shared, f"?filler={'x' * (most + 1)}") == 414

    play(story())


async def handshake(running: Running, query: str = "") -> int:
    """The status that a handshake ends with."""
    try:
        async with browser(running, query):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_gateway_05_sending_while_connect_runs_finds_nobody(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared, "?greet=1") as socket:
            await order(socket, do="echo")
            assert await hear(socket) == {"do": "echo"}
        assert shared.seen("greeted") == ["gone"]

    play(story())


def test_socket_opens_under_the_stage_too_and_nowhere_else(shared: Running) -> None:
    async def story() -> None:
        shared_stage = browser(shared)
        shared_stage.uri = shared.ws.replace("/ws", "/dev")
        async with shared_stage:
            pass
        assert (await refusal(shared, "/elsewhere"))[0] == 403

    play(story())
