"""Browsers for these tests."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Coroutine
from typing import Any

import websockets
from local_runtime import CEILING, Running
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run a test's story under one ceiling."""

    async def under_ceiling() -> None:
        async with asyncio.timeout(2 * CEILING):
            await story

    asyncio.run(under_ceiling())


def browser(running: Running, query: str = "", **options: Any) -> websockets.connect:
    return websockets.connect(running.ws + query, open_timeout=CEILING, close_timeout=CEILING, **options)


async def order(socket: ClientConnection, **what: Any) -> None:
    await socket.send(json.dumps(what))


async def hear(socket: ClientConnection) -> Any:
    """The next frame, parsed if it is JSON."""
    async with asyncio.timeout(CEILING):
        text = await socket.recv()
    try:
        return json.loads(text)
    except ValueError:
        return text


async def identify(running: Running, socket: ClientConnection) -> str:
    """The connection id of a browser, by a message only it sends."""
    mark = f"who am I {uuid.uuid4()}"
    await socket.send(mark)
    assert await hear(socket) == mark
    event = next(event for event in running.seen("message") if event["body"] == mark)
    return str(event["requestContext"]["connectionId"])


async def ending(socket: ClientConnection) -> tuple[int, str]:
    """The code and reason the server closes with; frames before it are dropped."""
    async with asyncio.timeout(CEILING):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "no close frame came"
            return closed.rcvd.code, closed.rcvd.reason


async def in_thread(function: Any, *arguments: Any) -> Any:
    return await asyncio.to_thread(function, *arguments)
