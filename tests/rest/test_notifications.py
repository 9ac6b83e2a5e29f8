"""Notifications over REST, and five hundred open tabs that get one."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.administrator import ADMIN_KEYS, Administrator
from tests.browser import CEILING
from tests.conftest import Start
from tests.rest.test_knowledge import problem
from tests.server import Server

TABS = 500
AT_ONCE = 50  # which keeps new connections under the gateway's 500 a second
ROOM = {"MAX_CONCURRENT_SESSIONS": "10000", "MAX_CONNECTIONS_PER_IP": "10000", "RATE_LIMIT_PER_IP": "60000"}
TEXT = {"title": "Novidade", "body": "Agora também aos domingos.", "url": "/services/", "level": "success"}


def test_an_open_tab_gets_it_at_once_and_who_comes_back_later(server: Server, admin: Administrator) -> None:
    with server.visit() as tab, server.visit() as away:
        token = away.resume_token
        away.close()
        answer = admin.ask("POST", "/notifications", {"audience": {"everyone": True}, **TEXT})
        sent = answer.json()
        assert answer.status_code == 201 and answer.headers["location"].endswith(sent["notificationId"])
        assert sent["state"] == "sent" and sent["stored"] and sent["delivered"] >= 1
        frame = tab.until_type("notification")
        assert {name: frame[name] for name in TEXT} == TEXT and frame["notificationId"] == sent["notificationId"]
        with server.browser() as back:
            back.start(resumeToken=token)
            assert back.until_type("notification")["notificationId"] == sent["notificationId"]
    assert admin.ask("GET", f"/notifications/{sent['notificationId']}").json() == sent
    listed = admin.ask("GET", "/notifications?limit=1").json()
    assert listed["items"] == [sent]
    assert sent not in admin.ask("GET", f"/notifications?cursor={listed['nextCursor']}").json()["items"]
    problem(admin.ask("GET", "/notifications/nothing"), 404)


@pytest.mark.parametrize("audience", [{}, {"everyone": False}, {"everyone": True, "userId": "ana"}, {"userType": "x"}])
def test_a_notification_is_for_one_audience(admin: Administrator, audience: dict[str, Any]) -> None:
    answer = admin.ask("POST", "/notifications", {"audience": audience, **TEXT})
    assert answer.status_code == 400 and answer.json()["errors"][0]["field"].startswith("audience")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "http://plain.example", "/a b"])
def test_a_notification_leads_to_the_site_or_to_a_safe_address(admin: Administrator, url: str) -> None:
    problem(admin.ask("POST", "/notifications", {"audience": {"everyone": True}, **TEXT, "url": url}), 400, "url")


def test_five_hundred_open_tabs_are_all_told(start: Start) -> None:
    server = start(ADMIN_KEYS=ADMIN_KEYS, LOG_LEVEL="WARNING", **ROOM)
    sent, reached = asyncio.run(tell(server, TABS))
    assert (sent["state"], sent["delivered"], sent["failed"]) == ("sent", TABS, 0)
    assert reached == TABS


async def tell(server: Server, number: int) -> tuple[dict[str, Any], int]:
    """Open so many tabs and tell them all; what was reported, and how many were told."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one() -> ClientConnection:
        async with turn:
            tab = await connect(server.ws_url, compression=None, open_timeout=60, ping_interval=None)
            await tab.send('{"action": "startSession"}')
            await until(tab, "session")
            return tab

    tabs = await asyncio.gather(*(one() for _ in range(number)))
    admin = Administrator(server.url)
    answer = await asyncio.to_thread(admin.ask, "POST", "/notifications", {"audience": {"everyone": True}, **TEXT})
    sent: dict[str, Any] = answer.json()
    told = await asyncio.gather(*(until(tab, "notification") for tab in tabs))
    while sent["state"] == "sending":
        sent = (await asyncio.to_thread(admin.ask, "GET", f"/notifications/{sent['notificationId']}")).json()
    await asyncio.gather(*(tab.close() for tab in tabs))
    admin.close()
    return sent, sum(frame["notificationId"] == sent["notificationId"] for frame in told)


async def until(tab: ClientConnection, wanted: str) -> Any:
    async with asyncio.timeout(6 * CEILING):
        while True:
            frame = json.loads(await tab.recv())
            if frame["type"] == wanted:
                return frame
            assert frame["type"] != "error", frame
