"""Two thousand browsers at once, each with a conversation; five hundred of them talk."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.conftest import Start
from tests.server import Server

SOCKETS = 2_000
TALKING = 500
AT_ONCE = 100  # which keeps new connections under the gateway's 500 a second
MOST_KB_A_SOCKET = 40
SECONDS = 600


@pytest.mark.timeout(SECONDS)
def test_two_thousand_browsers_are_held_and_five_hundred_talk(start: Start) -> None:
    server = start(LOG_LEVEL="WARNING")
    asyncio.run(_story(server))
    assert server.stop() == 0


async def _story(server: Server) -> None:
    warm = [await _conversation(server) for _ in range(50)]
    before = _kb(server)
    browsers = await _at_once(_conversation(server) for _ in range(SOCKETS - len(warm)))
    each = (_kb(server) - before) / len(browsers)
    answers = await asyncio.gather(*(_ask(browser) for browser in browsers[:TALKING]))
    silent = await asyncio.gather(*(_ping(browser) for browser in browsers[TALKING:]))
    print(f"{SOCKETS} sockets, {each:.1f} KB each, {TALKING} answered, {_kb(server) / 1024:.0f} MB in all")
    assert all(answer["finish"] in ("complete", "fallback") for answer in answers) and all(silent)
    assert each <= MOST_KB_A_SOCKET
    await asyncio.gather(*(browser.close() for browser in (*warm, *browsers)))


async def _at_once(stories: Any) -> list[Any]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(story: Any) -> Any:
        async with turn:
            return await story

    return await asyncio.gather(*map(one, stories))


async def _conversation(server: Server) -> ClientConnection:
    browser = await connect(server.ws_url, compression=None, open_timeout=60, ping_interval=None)
    await browser.send('{"action": "startSession"}')
    await _until(browser, "session")
    return browser


async def _ask(browser: ClientConnection) -> Any:
    message_id = f"00000000-0000-4000-8000-{id(browser):012x}"
    question = {"action": "sendMessage", "clientMessageId": message_id, "content": "quanto custa uma faxina?"}
    await browser.send(json.dumps(question))
    return await _until(browser, "message")


async def _ping(browser: ClientConnection) -> bool:
    await browser.send('{"action": "ping"}')
    return bool(await _until(browser, "pong"))


async def _until(browser: ClientConnection, wanted: str) -> Any:
    async with asyncio.timeout(120):
        while True:
            frame = json.loads(await browser.recv())
            assert frame.get("type") not in (None, "error"), frame
            if frame["type"] == wanted:
                return frame


def _kb(server: Server) -> float:
    """What the process has in memory."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return float(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
