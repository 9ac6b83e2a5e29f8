"""When somebody of the team is there: OFFICE_HOURS, by the clocks of TIME_ZONE."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.chat.texts import choices, text
from chalicelib.settings import Settings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")


def opens_at(settings: Settings, now: int) -> datetime | None:
    """When somebody will be there, by the office's clocks; None when somebody is, as is `always` the case."""
    if settings.office_hours == "always":
        return None
    at = datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(settings.time_zone))
    week = _week(settings.office_hours)
    for later in range(-1, 8):  # since yesterday, whose hours may go on after midnight
        day = at.date() + timedelta(days=later)
        for begins, ends in sorted(week[day.weekday()]):
            opening = datetime.combine(day, begins, at.tzinfo)
            overnight = timedelta(days=int(ends <= begins))
            if opening <= at < datetime.combine(day, ends, at.tzinfo) + overnight:
                return None
            if opening > at:
                return opening
    return None


def in_words(moment: datetime, now: int, locale: str) -> str:
    """ "segunda-feira às 08:00", or "hoje às 08:00"."""
    today = datetime.fromtimestamp(now / 1000, moment.tzinfo).date() == moment.date()
    day = text(locale, "handoff.today") if today else choices(locale, "handoff.days")[moment.weekday()]
    return f"{day} {moment:%H:%M}"


def _week(hours: str) -> list[list[tuple[time, time]]]:
    week: list[list[tuple[time, time]]] = [[] for _ in DAYS]
    for first, last, *clock in _SPAN.findall(hours):
        begins, ends = time(int(clock[0]), int(clock[1])), time(int(clock[2]), int(clock[3]))
        start, days = DAYS.index(first), (DAYS.index(last or first) - DAYS.index(first)) % 7 + 1
        for day in range(start, start + days):
            week[day % 7].append((begins, ends))
    return week
