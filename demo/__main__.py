"""`make demo`: a fortnight that never was, in a data folder of its own, and counted. `make run` is started on it."""

import time
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from chalicelib.analytics.facts import HOUR_MS, hour_of
from chalicelib.entrypoints.rollup import count_hours
from chalicelib.knowledge import seed
from chalicelib.services import DATABASE, Services
from chalicelib.settings import read
from demo.fortnight import ZONE, conversations
from demo.store import write

COUNT = 2_000  # a fortnight


def main() -> None:
    """Write it where it is not yet: what somebody says to the demo is kept until the folder is removed."""
    settings = read()
    folder = Path(settings.data_dir)
    if (folder / DATABASE).exists():
        print(f"The demo's conversations are in {folder} already; remove it for new ones.")
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = int(time.time() * 1000)
    days = 14 + datetime.now(ZONE).weekday()  # two whole weeks, so that the report has one to compare with
    count = write(folder / DATABASE, conversations(seed.entries(), now, days=days, count=COUNT * days // 14))
    services = Services(replace(settings, store="sqlite"))
    hours = range(hour_of(now) - (days + 1) * 24, hour_of(now - HOUR_MS) + 1)
    count_hours(services, hours)
    print(f"{count} conversations of the last {days} days are in {folder}, and are counted")


if __name__ == "__main__":
    main()
