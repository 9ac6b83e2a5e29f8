"""Five thousand open tabs, and one notification for all of them."""

import asyncio
import time

import pytest

from tests.administrator import ADMIN_KEYS
from tests.conftest import Start
from tests.rest.test_notifications import ROOM, tell

TABS = 5_000
SECONDS = 900


@pytest.mark.timeout(SECONDS)
def test_five_thousand_open_tabs_are_all_told(start: Start) -> None:
    server = start(ADMIN_KEYS=ADMIN_KEYS, LOG_LEVEL="WARNING", **ROOM)
    begun = time.monotonic()
    sent, reached = asyncio.run(tell(server, TABS))
    print(f"{TABS} tabs, {reached} told, {sent['delivered']} delivered, {sent['failed']} failed, ", end="")
    print(f"{time.monotonic() - begun:.0f} s with their opening")
    assert (sent["state"], sent["delivered"] + sent["failed"], reached) == ("sent", TABS, TABS)
