"""`make rollup FROM=2026-11-01 TO=2026-11-15`: count these days again, from the facts; both included.

Without FROM what has ended since the last time is counted, as the schedule does.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import date

from chalicelib.adapters.system import SystemClock
from chalicelib.analytics import calendar, rollups
from chalicelib.analytics.facts import hour_of
from chalicelib.errors import SettingsError, Unavailable
from chalicelib.services import Services
from chalicelib.settings import read


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0, 1 when the store does not answer, 2 for what cannot be counted."""
    parser = argparse.ArgumentParser(prog="make rollup", description=__doc__)
    parser.add_argument("--from", dest="since", type=_day, help="the first day, as 2026-11-01")
    parser.add_argument("--to", dest="until", type=_day, help="the last day; without it today")
    asked = parser.parse_args(arguments)
    try:
        services = Services(read())
        hours = _hours(services, asked.since, asked.until)
        count = count_hours(services, hours)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except Unavailable as error:
        print(f"The store does not answer: {error.__cause__}", file=sys.stderr)
        return 1
    print(f"{count} hours counted")
    return 0


def count_hours(services: Services, hours: Sequence[int]) -> int:
    """Count them with a bar where somebody sees it; how many there were."""
    from tqdm import tqdm  # Lambda has none, and imports this module when it is packaged

    done: Iterable[int] = rollups.roll(services.counting, hours)
    return sum(1 for _ in tqdm(done, total=len(hours), unit="h", disable=None))


def _hours(services: Services, since: date | None, until: date | None) -> Sequence[int]:
    counting, now = services.counting, SystemClock().now()
    if since is None:
        return rollups.due(counting, now)
    first = calendar.hours_of(since, counting.zone).start
    last = calendar.hours_of(until or counting.today(now), counting.zone).stop
    return range(first, min(last, hour_of(now)))


def _day(text: str) -> date | None:
    """An empty one is none: make passes what was not given."""
    return date.fromisoformat(text) if text else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
