"""The figures over REST: each operation parses (operations.py), calls one function, and says how it went."""

from datetime import date, timedelta
from typing import Annotated, Literal

from chalice.app import Blueprint
from msgspec import UNSET, Meta, Struct, UnsetType, field

from chalicelib.analytics import calendar, pages, reports, summaries
from chalicelib.analytics.reports import Report
from chalicelib.analytics.summaries import Day, Summary, Topic
from chalicelib.chat.sessions import OPEN_SESSIONS
from chalicelib.entrypoints.rest.operations import Answer, Call, Download, operation
from chalicelib.errors import NotFound
from chalicelib.knowledge.model import Locale, UserType

blueprint = Blueprint(__name__)


class RangeQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """Days of the time zone, both included: up to today without `to`, and as many as `days` without `from`."""

    since: date | UnsetType = field(default=UNSET, name="from")
    until: date | UnsetType = field(default=UNSET, name="to")
    days: Annotated[int, Meta(ge=1, le=400)] = 7
    user_type: UserType | UnsetType = UNSET


class TopicsQuery(RangeQuery, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class WeekQuery(Struct, frozen=True, forbid_unknown_fields=True):
    week: Annotated[str, Meta(pattern="^[0-9]{4}-W[0-9]{2}$")] | UnsetType = UNSET
    format: Literal["json", "csv", "markdown", "html"] = "json"
    locale: Locale | UnsetType = UNSET


class Series(Struct, frozen=True, rename="camel"):
    items: tuple[Day, ...]
    next_cursor: str | None = None


class Topics(Struct, frozen=True, rename="camel"):
    items: tuple[Topic, ...]
    next_cursor: str | None = None


@operation(blueprint, "GET", "/analytics/summary", query=RangeQuery, answers={200: Summary})
def summarise(call: Call) -> Answer:
    """The figures of some days, with those of as many days before them."""
    active = call.services.ports.presence.count(OPEN_SESSIONS)
    return Answer(200, summaries.summary(call.services.counting, *_range(call), _titles(call), active))


@operation(blueprint, "GET", "/analytics/daily", query=RangeQuery, answers={200: Series})
def list_days(call: Call) -> Answer:
    """The same figures day by day, oldest first."""
    return Answer(200, Series(summaries.series(call.services.counting, *_range(call))))


@operation(blueprint, "GET", "/analytics/topics", query=TopicsQuery, answers={200: Topics})
def list_topics(call: Call) -> Answer:
    """What people asked about, by the entry that answered, most conversations first."""
    since, until, user_type = _range(call)
    whole = summaries.total(call.services.counting.rollups.days(since, until), user_type)
    return Answer(200, Topics(summaries.topics(whole, _titles(call), call.query.limit)))


@operation(
    blueprint,
    "GET",
    "/analytics/reports/weekly",
    query=WeekQuery,
    answers={200: Report},
    files=tuple(kind for kind, _ in pages.FORMATS.values()),
    refusals=(404,),
)
def weekly_report(call: Call) -> Answer:
    """A week's report, ready to forward; without `week` the last whole one."""
    query: WeekQuery = call.query
    services = call.services
    try:
        monday = calendar.last_monday(_today(call)) if query.week is UNSET else calendar.monday_of(query.week)
        report = reports.weekly(services.counting, monday, _titles(call))
    except (ValueError, OverflowError) as error:  # a week that the year, or the calendar, has not
        raise NotFound(fields=("week",)) from error
    if query.format == "json":
        return Answer(200, report)
    locale = services.settings.locale if query.locale is UNSET else query.locale
    kind, write = pages.FORMATS[query.format]
    return Answer(200, Download(write(report, locale), kind, f"{report.week}.{pages.ENDINGS[query.format]}"))


def _range(call: Call) -> tuple[date, date, str]:
    query: RangeQuery = call.query
    until = _today(call) if query.until is UNSET else query.until
    before = timedelta(days=query.days - 1)
    since = max(until, date.min + before) - before if query.since is UNSET else query.since
    return since, until, "" if query.user_type is UNSET else query.user_type


def _today(call: Call) -> date:
    return call.services.counting.today(call.services.ports.clock.now())


def _titles(call: Call) -> dict[str, str]:
    return {entry.id: entry.title for entry in call.services.library.store.entries()}
