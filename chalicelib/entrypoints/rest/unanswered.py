"""The loop of improvement over REST: what was not answered well, and how a group of it becomes better knowledge."""

from datetime import date, timedelta
from itertools import chain
from typing import Annotated

from chalice.app import Blueprint
from msgspec import UNSET, Meta, Struct, UnsetType, field

from chalicelib.analytics import calendar
from chalicelib.chat import doubts
from chalicelib.entrypoints.rest.access import WRITE
from chalicelib.entrypoints.rest.operations import Answer, Call, operation
from chalicelib.errors import Invalid
from chalicelib.knowledge import language, unanswered
from chalicelib.knowledge.model import Entry, Locale, UserType
from chalicelib.knowledge.unanswered import Group, MoreQuestions, NewDraft

blueprint = Blueprint(__name__)

USUAL_DAYS = 7
MOST_DAYS = 31  # an hour is 8 requests to DynamoDB, and API Gateway waits for 29 s


class UnansweredQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """Days of the time zone, both included; without them the last seven."""

    since: date | UnsetType = field(default=UNSET, name="from")
    until: date | UnsetType = field(default=UNSET, name="to")
    user_type: UserType | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class Groups(Struct, frozen=True, rename="camel"):
    items: tuple[Group, ...]
    next_cursor: str | None = None


@operation(blueprint, "GET", "/analytics/unanswered", query=UnansweredQuery, answers={200: Groups})
def list_unanswered(call: Call) -> Answer:
    """What was not answered, or answered without help: questions that are alike together, most frequent first."""
    query: UnansweredQuery = call.query
    counting, services = call.services.counting, call.services
    hours = chain.from_iterable(calendar.hours_of(day, counting.zone) for day in _days(call))
    user_type = "" if query.user_type is UNSET else query.user_type
    found = doubts.doubts(services.sessions, counting.facts.facts, hours, user_type)
    spoken = language.of(services.settings.locale if query.locale is UNSET else query.locale)
    return Answer(200, Groups(unanswered.grouped(found, spoken, services.library.store.entries(), query.limit)))


@operation(blueprint, "POST", "/knowledge/drafts", roles=WRITE, body=NewDraft, answers={201: Entry})
def create_draft(call: Call) -> Answer:
    """Make an inactive entry of a group of questions, to be written and then turned on."""
    entry = unanswered.draft(call.services.library, call.body, call.who.name)
    return Answer(201, entry, f"/knowledge/{entry.id}")


@operation(
    blueprint,
    "POST",
    "/knowledge/{entry_id}/questions",
    roles=WRITE,
    body=MoreQuestions,
    if_match=True,
    answers={200: Entry},
)
def add_questions(call: Call, entry_id: str) -> Answer:
    """Give an entry more alternative questions; those it has already are left out."""
    more: MoreQuestions = call.body
    return Answer(200, unanswered.add_questions(call.services.library, entry_id, call.version, more, call.who.name))


def _days(call: Call) -> list[date]:
    query: UnansweredQuery = call.query
    today = call.services.counting.today(call.services.ports.clock.now())
    until = today if query.until is UNSET else query.until
    try:
        since = until - timedelta(days=USUAL_DAYS - 1) if query.since is UNSET else query.since
        number = (until - since).days + 1
        if number > MOST_DAYS:
            raise Invalid({"from": f"is at most {MOST_DAYS} days before the last day"})
        return [since + timedelta(days=day) for day in range(number)]
    except OverflowError as error:
        raise Invalid({"to": "is no day that was lived"}) from error
