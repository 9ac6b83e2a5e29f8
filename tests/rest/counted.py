"""An assistant with some days of made-up conversations behind it, counted."""

import time
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from chalicelib.analytics import calendar, rollups
from chalicelib.analytics.facts import HOUR_MS
from chalicelib.knowledge import seed
from chalicelib.services import DATABASE, Services
from chalicelib.settings import from_environment
from demo.fortnight import conversations
from demo.store import write
from tests.administrator import ADMIN_KEYS
from tests.analytics.recount import Recount
from tests.server import Server

ZONE = ZoneInfo("America/Sao_Paulo")


class Counted:
    """The assistant, and what happened in its conversations."""

    def __init__(self, folder: Path, count: int = 150) -> None:
        now = int(time.time() * 1000)
        self.until = now // HOUR_MS
        # None of them may go on in the hour that has begun, which is not counted yet.
        told = list(conversations(seed.entries(), self.until * HOUR_MS, count=count))
        folder.mkdir()
        write(folder / DATABASE, told)
        counting = Services(from_environment({"DATA_DIR": str(folder)})).counting
        for _ in rollups.roll(counting, range(self.until - 16 * 24, self.until)):
            pass
        self.recount = Recount(told, self.until * HOUR_MS)
        self.today = datetime.fromtimestamp(now / 1000, ZONE).date()
        self.monday = calendar.last_monday(self.today)
        self.server = Server(folder, ADMIN_KEYS=ADMIN_KEYS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def figures(self, since: date, until: date, kind: str = "") -> dict[str, Any]:
        return self.recount.figures(lambda day: since <= day <= until, kind)
