"""gateway.md 11–20: messages, limits and closing."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from local_browsers import browser, ending, hear, identify, in_thread, order, play
from local_runtime import Running, Start
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

KB = 1024


async def route_of(running: Running, socket: ClientConnection, body: str) -> str:
    await socket.send(body)
    await hear(socket)
    return str([event for event in running.seen("message") if event["body"] == body][-1]["requestContext"]["routeKey"])


@pytest.mark.parametrize(
    ("body", "route"),
    [
        ('{"action": "sendMessage"}', "sendMessage"),
        ('{"action": "sendmessage"}', "$default"),
        ('{"action": "other"}', "$default"),
        ('{"action": ["sendMessage"]}', "$default"),
        ('{"body": {"action": "sendMessage"}}', "$default"),
        ('["sendMessage"]', "$default"),
        ("not json", "$default"),
        ("[" * 9000, "$default"),
    ],
)
def test_gateway_11_action_picks_the_route_by_exact_match(shared: Running, body: str, route: str) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            assert await route_of(shared, socket, body) == route

    play(story())


def test_gateway_12_no_match_and_no_default_is_forbidden_and_stays_open(start: Start) -> None:
    async def story() -> None:
        async with browser(start(app="silent")) as socket:
            for _ in range(2):
                await socket.send("anyone?")
                answer = await hear(socket)
                assert set(answer) == {"message", "connectionId", "requestId"}
                assert answer["message"] == "Forbidden"

    play(story())


def test_gateway_13_a_raise_is_an_internal_server_error_and_stays_open(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            connection_id = await identify(shared, socket)
            await order(socket, do="raise")
            answer = await hear(socket)
            event = shared.events_of("message", connection_id)[-1]
            assert answer == {
                "message": "Internal server error",
                "connectionId": connection_id,
                "requestId": event["requestContext"]["requestId"],
            }
            await order(socket, still="here")
            assert await hear(socket) == {"still": "here"}

    play(story())


def test_gateway_13_over_its_time_the_browser_is_told_and_the_function_goes_on(start: Start) -> None:
    running = start("--function-seconds", "0.2")

    async def story() -> None:
        async with browser(running) as socket:
            await order(socket, do="wait", gate="late")
            answer = await hear(socket)
            assert answer["message"] == "Endpoint request timed out"
            assert set(answer) == {"message", "connectionId", "requestId"}
            await in_thread(running.open, "late")
            assert await hear(socket) == {"passed": "late"}

    play(story())


def test_gateway_14_returned_bodies_are_not_sent_and_no_status_closes(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            await order(socket, do="refuse")
            await order(socket, do="echo", n=1)
            await order(socket, do="echo", n=2)
            heard = [(await hear(socket))["n"], (await hear(socket))["n"]]
            assert sorted(heard) == [1, 2]

    play(story())


def test_gateway_15_messages_of_one_connection_run_concurrently(shared: Running) -> None:
    gates = {f"side-by-side-{number}" for number in range(12)}

    async def story() -> None:
        async with browser(shared) as socket:
            for gate in gates:
                await order(socket, do="wait", gate=gate)
            for gate in gates:
                await in_thread(shared.wait_for, "waiting", lambda waiting, gate=gate: waiting == gate)
            for gate in gates:
                await in_thread(shared.open, gate)
            assert {(await hear(socket))["passed"] for _ in gates} == gates

    play(story())


def test_gateway_16_a_frame_of_32_kb_passes(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            await socket.send("x" * (32 * KB))
            assert len(await hear(socket)) == 32 * KB

    play(story())


@pytest.mark.parametrize("size", [32 * KB + 1, 200 * KB, 2000 * KB])
def test_gateway_16_a_larger_frame_closes_with_1009(shared: Running, size: int) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            await socket.send("x" * size)
            assert (await ending(socket))[0] == 1009

    play(story())


def test_gateway_16_a_message_of_128_kb_in_frames_passes(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            await socket.send(["x" * (32 * KB)] * 4)
            assert len(await hear(socket)) == 128 * KB

    play(story())


def test_gateway_16_a_larger_message_closes_with_1009(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            await socket.send([*["x" * (32 * KB)] * 4, "x"])
            assert (await ending(socket))[0] == 1009

    play(story())


def test_gateway_16_binary_closes_with_1003_and_calls_no_function(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            connection_id = await identify(shared, socket)
            await socket.send(b"\x00\x01")
            assert (await ending(socket))[0] == 1003
        await in_thread(shared.wait_for, "disconnect", lambda event: connection_id in json.dumps(event))
        assert len(shared.events_of("message", connection_id)) == 1

    play(story())


def test_gateway_16_bad_utf8_closes_with_1007_and_leaves_no_traceback(start: Start) -> None:
    running = start()

    async def story() -> None:
        async with browser(running) as socket:
            await socket.send(b"\xff\xfe", text=True)
            assert (await ending(socket))[0] == 1007

    play(story())
    assert running.stop() == 0
    assert running.err == []


def test_gateway_17_silence_closes_with_1001(start: Start) -> None:
    running = start("--idle-seconds", "0.3")

    async def story() -> None:
        async with browser(running) as socket:
            connection_id = await identify(running, socket)
            assert await ending(socket) == (1001, "Going away")
        context = (await in_thread(running.wait_for, "disconnect"))["requestContext"]
        assert (context["connectionId"], context["disconnectStatusCode"]) == (connection_id, 1001)
        assert context["disconnectReason"] == "Going away"

    play(story())


def test_gateway_17_a_message_in_either_direction_resets_it(start: Start) -> None:
    running = start("--idle-seconds", "1")

    async def story() -> None:
        async with browser(running) as speaker, browser(running) as listener:
            for _ in range(20):  # which takes twice as long as a silent connection would live
                await asyncio.sleep(0.1)
                await order(speaker, do="broadcast", text="news")
                assert (await hear(speaker), await hear(listener)) == ("news", "news")

    play(story())


@pytest.mark.parametrize(("options", "code"), [((), 1001), (("--lifetime-code", "1000"), 1000)])
def test_gateway_17_life_ends_however_much_is_said(start: Start, options: tuple[str, ...], code: int) -> None:
    running = start("--lifetime-seconds", "0.5", *options)

    async def story() -> None:
        async with browser(running) as socket:
            talking = asyncio.ensure_future(talk(socket))
            assert (await ending(socket))[0] == code
            talking.cancel()

    play(story())


async def talk(socket: ClientConnection) -> None:
    while True:
        await order(socket, do="echo")
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(("option", "code"), [("--ping-keeps-alive", 1000), ("--no-ping-keeps-alive", 1001)])
def test_gateway_17_the_effect_of_a_ping_is_a_setting(start: Start, option: str, code: int) -> None:
    running = start("--idle-seconds", "2", option)

    async def story() -> None:
        async with browser(running, ping_interval=None) as socket:
            with suppress(ConnectionClosed):  # which may come between any two pings
                for _ in range(60):
                    await socket.ping()
                    await asyncio.sleep(0.05)
            await socket.close()
            assert socket.close_code == code

    play(story())


def test_gateway_18_a_ping_is_answered_and_shown_to_nobody(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            connection_id = await identify(shared, socket)
            await (await socket.ping(b"hi"))
            assert await identify(shared, socket) == connection_id
            assert len(shared.events_of("message", connection_id)) == 2

    play(story())


def test_gateway_19_disconnect_runs_once(shared: Running) -> None:
    async def story() -> None:
        ids = []
        for how in ("close", "abort"):
            async with browser(shared) as socket:
                ids.append(await identify(shared, socket))
                if how == "abort":
                    socket.transport.abort()
        for connection_id in ids:
            await in_thread(shared.wait_for, "disconnect", lambda event, wanted=connection_id: wanted in str(event))
            assert len(shared.events_of("disconnect", connection_id)) == 1

    play(story())


def test_gateway_20_a_message_whose_function_raised_is_not_tried_again(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            connection_id = await identify(shared, socket)
            await order(socket, do="raise")
            await hear(socket)
            await identify(shared, socket)
            bodies = [event["body"] for event in shared.events_of("message", connection_id)]
            assert sum("raise" in body for body in bodies) == 1

    play(story())


def test_gateway_23_frames_over_32_kb_to_the_browser_are_split(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as socket:
            await order(socket, do="big", bytes=100 * KB)
            frames: list[Any] = [frame async for frame in socket.recv_streaming(decode=False)]
            assert [len(frame) for frame in frames] == [32 * KB, 32 * KB, 32 * KB, 4 * KB]
            assert b"".join(frames).decode() == "ã" * (50 * KB)

    play(story())


def test_chalices_own_way_of_sending_closing_and_asking(shared: Running) -> None:
    async def story() -> None:
        async with browser(shared) as first, browser(shared) as second:
            await identify(shared, second)
            await order(first, do="describe")
            assert (await hear(first))["ip"] == "127.0.0.1"
            await order(first, do="broadcast", text="to all")
            assert (await hear(first), await hear(second)) == ("to all", "to all")
            await order(first, do="close")
            assert await ending(first) == (1000, "Connection Closed Normally")

    play(story())


def test_a_browser_that_does_not_read_is_let_go_and_holds_up_nobody(start: Start) -> None:
    running = start()

    async def story() -> None:
        async with browser(running) as well, browser(running, max_queue=1) as deaf:
            deaf_id = await identify(running, deaf)
            deaf.transport.pause_reading()
            await order(well, do="flood", to=deaf_id)
            answer = await hear(well)
            assert 8 <= answer["sent"] < 1000
            assert answer["again"] is False
            gone = await in_thread(running.wait_for, "disconnect", lambda event: deaf_id in str(event))
            assert gone["requestContext"]["disconnectStatusCode"] == 1006
            deaf.transport.abort()

    play(story())


def test_middleware_runs_from_the_very_first_call(start: Start) -> None:
    running = start()

    async def story() -> None:
        async with browser(running) as socket:
            for _ in range(20):
                await order(socket, do="middleware")
            assert {await hear(socket) for _ in range(20)} == {"True"}

    play(story())
