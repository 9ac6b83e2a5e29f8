"""Days and weeks of a time zone in whole hours since 1970 UTC, which is what everything is kept by.

A zone whose offset is not of whole hours (India's, for one) has no such days.
"""

from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.analytics.facts import HOUR_MS

WEEK = timedelta(days=7)


def zone_of(name: str) -> tzinfo:
    """The time zone of that name. Raises ValueError when there is none, or none whose days begin on a whole hour."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(name) from error
    for month in (1, 7):
        if datetime(2026, month, 1, tzinfo=zone).timestamp() % 3600:
            raise ValueError(name)
    return zone


def last_monday(today: date) -> date:
    """When the last whole week began."""
    return today - timedelta(days=today.weekday()) - WEEK


def local(hour: int, zone: tzinfo) -> datetime:
    """When an hour begins, by the clocks of the zone."""
    return datetime.fromtimestamp(hour * HOUR_MS / 1000, zone)


def day_of(hour: int, zone: tzinfo) -> date:
    return local(hour, zone).date()


def hours_of(day: date, zone: tzinfo) -> range:
    """23 to 25 of them: some days change the clocks."""
    return range(_begins(day, zone), _begins(day + timedelta(days=1), zone))


def hour_of_week(hour: int, zone: tzinfo) -> str:
    """ "1-13": Monday, from 13 to 14."""
    at = local(hour, zone)
    return f"{at.isoweekday()}-{at.hour}"


def week_of(day: date) -> str:
    """ "2026-W47", by ISO 8601."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def monday_of(week: str) -> date:
    """The first day of "2026-W47". Raises ValueError for a week that the year has not."""
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)


def _begins(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp()) // 3600
