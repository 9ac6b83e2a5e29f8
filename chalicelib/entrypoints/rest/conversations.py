"""Conversations and hand-offs over REST: each operation parses (operations.py), calls one function, and maps."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from chalice.app import Blueprint
from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.structs import asdict, replace

from chalicelib.analytics import calendar
from chalicelib.analytics.facts import HOUR_MS
from chalicelib.chat import exports, handoffs, records, replay
from chalicelib.chat.frames import timestamp
from chalicelib.chat.model import UserType
from chalicelib.chat.protocol import ClientMessageId
from chalicelib.chat.records import Conversation, Record, Wanted
from chalicelib.chat.texts import text
from chalicelib.entrypoints.rest.access import OPERATE, Administrator
from chalicelib.entrypoints.rest.jobs import FILES, ShownJob, accepted
from chalicelib.entrypoints.rest.operations import Answer, Call, Download, operation
from chalicelib.errors import NotFound
from chalicelib.knowledge import jobs
from chalicelib.knowledge.jobs import KINDS
from chalicelib.knowledge.language import fold

blueprint = Blueprint(__name__)

USUAL_DAYS = timedelta(days=6)  # before the last one, where no range is asked for
MOST_HOURS = 7 * 24  # looked through for one page
MOST_EXAMINED = 200  # conversations read for one page, so that a rare filter cannot take a minute


class FilterQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """Days of the time zone on which a conversation began, both included; without them the last seven.

    `q` finds those in which all its words were said, with or without accents.
    """

    since: date | UnsetType = field(default=UNSET, name="from")
    until: date | UnsetType = field(default=UNSET, name="to")
    user_type: UserType | UnsetType = UNSET
    rating: Annotated[int, Meta(ge=1, le=5)] | UnsetType = UNSET
    escalated: bool | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    q: Annotated[str, Meta(max_length=200)] = ""


class ListQuery(FilterQuery, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    cursor: Annotated[str, Meta(pattern=r"^[0-9]{1,15}\.[A-Za-z0-9_-]{0,100}$")] | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class ExportQuery(FilterQuery, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    format: Literal["csv", "jsonl"] = "csv"


class Conversations(Struct, frozen=True, rename="camel"):
    """A page may have few items, or none, and a cursor all the same: a rare filter is looked for page by page."""

    items: tuple[Conversation, ...]
    next_cursor: str | None


class Waiting(Struct, frozen=True, kw_only=True, rename="camel"):
    """Somebody who waits for a person since `at` (ISO 8601 UTC), or has one: the `operator`."""

    session_id: str
    at: str
    reason: str
    summary: str
    user_type: UserType
    name: str
    locale: str
    contact: str
    operator: str


class Handoffs(Struct, frozen=True, rename="camel"):
    items: tuple[Waiting, ...]
    next_cursor: str | None = None


class Speaker(Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[\w][\w .'-]*$")] | UnsetType = UNSET


class Words(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """With `clientMessageId`, a UUID of the sender's, they are said once, however often they are sent."""

    content: Annotated[str, Meta(min_length=1, max_length=2000)]
    client_message_id: ClientMessageId | UnsetType = UNSET


class Said(Struct, frozen=True, rename="camel"):
    message_id: str
    seq: int
    at: str


@operation(blueprint, "GET", "/conversations", query=ListQuery, answers={200: Conversations})
def list_conversations(call: Call) -> Answer:
    """Conversations by when they began, newest first."""
    ports, query = call.services.ports, call.query
    items: list[Conversation] = []
    wanted, before = _wanted(call), _place(query.cursor)
    first = max(wanted.first_hour, min(wanted.last_hour, before[0] // HOUR_MS) - MOST_HOURS + 1)
    found = records.found(ports, call.services.counting.facts, replace(wanted, first_hour=first), before)
    for examined, (fact, record) in enumerate(found, 1):
        items += [record.conversation] if record else []
        if len(items) == query.limit or examined == MOST_EXAMINED:
            return Answer(200, Conversations(tuple(items), f"{fact.at}.{fact.session_id}"))
    return Answer(200, Conversations(tuple(items), f"{first * HOUR_MS}." if first > wanted.first_hour else None))


@operation(
    blueprint,
    "GET",
    "/conversations/export",
    query=ExportQuery,
    answers={200: Record, 202: ShownJob},
    files=FILES,
)
def export_conversations(call: Call) -> Answer:
    """Those conversations as a file: a row each as CSV, a whole one a line as JSON Lines; a large one becomes a job."""
    services, form, wanted = call.services, call.query.format, _wanted(call)
    text = exports.inline(services.ports, services.counting.facts, form, wanted)
    if text is None:
        job = jobs.begin_export(services.office, "conversations", exports.asked(form, wanted), call.who.name)
        return accepted(call, job)
    return Answer(200, Download(text, KINDS[form], f"conversations.{form}"))


@operation(blueprint, "GET", "/conversations/{session_id}", answers={200: Record})
def read_conversation(call: Call, session_id: str) -> Answer:
    """A conversation with where each answer came from."""
    record = records.read(call.services.ports, session_id)
    if record is None:
        raise NotFound
    return Answer(200, record)


@operation(
    blueprint,
    "GET",
    "/conversations/{session_id}/messages/{message_id}/replay",
    answers={200: replay.Replay},
)
def replay_question(call: Call, session_id: str, message_id: str) -> Answer:
    """What would be found for a question (by its id or its answer's) with the knowledge of today."""
    index = call.services.follower.refresh().index
    return Answer(200, replay.replay(call.services.ports, index, session_id, message_id))


@operation(blueprint, "GET", "/handoffs", answers={200: Handoffs})
def list_handoffs(call: Call) -> Answer:
    """Who waits for a person, longest first, then who has one."""
    queue = handoffs.queue(call.services.ports)
    return Answer(200, Handoffs(tuple(Waiting(**{**asdict(one), "at": timestamp(one.at)}) for one in queue)))


@operation(blueprint, "POST", "/conversations/{session_id}/takeover", roles=OPERATE, body=Speaker, answers={200: Said})
def take_over(call: Call, session_id: str) -> Answer:
    """Hold a conversation; the person is told the name."""
    speaker = _shown(call.who, call.services.settings.locale) if call.body.name is UNSET else call.body.name
    return _said(handoffs.takeover(call.services.ports, session_id, call.who.name, speaker))


@operation(
    blueprint, "POST", "/conversations/{session_id}/messages", roles=OPERATE, body=Words, answers={201: Said, 200: Said}
)
def write_message(call: Call, session_id: str) -> Answer:
    """Say something in a conversation that one holds."""
    words: Words = call.body
    given = "" if words.client_message_id is UNSET else words.client_message_id
    said = handoffs.say(call.services.ports, session_id, call.who.name, words.content, given)
    return _said(said.message, 201 if said.fresh else 200)


@operation(blueprint, "POST", "/conversations/{session_id}/release", roles=OPERATE, answers={200: Said})
def release_conversation(call: Call, session_id: str) -> Answer:
    """Give a conversation back to the assistant."""
    return _said(handoffs.release(call.services.ports, session_id, call.who.name))


@operation(blueprint, "POST", "/conversations/{session_id}/close", roles=OPERATE, answers={204: None})
def close_conversation(call: Call, session_id: str) -> Answer:
    """End a conversation that one holds."""
    handoffs.close(call.services.ports, session_id, call.who.name)
    return Answer(204)


def _said(message: Any, status: int = 200) -> Answer:
    return Answer(status, Said(message.message_id, message.seq, timestamp(message.at)))


def _shown(who: Administrator, locale: str) -> str:
    """The name of somebody who gave none: a token's subject; of a key or a pass, which name nobody, the team's."""
    return text(locale, "handoff.team") if who.name == "link" or who.name.startswith("key:") else who.name


def _wanted(call: Call) -> Wanted:
    query, counting = call.query, call.services.counting
    until = counting.today(call.services.ports.clock.now()) if query.until is UNSET else query.until
    since = max(until, date.min + USUAL_DAYS) - USUAL_DAYS if query.since is UNSET else query.since
    asked = {name: getattr(query, name) for name in ("user_type", "rating", "escalated", "active")}
    hours = _hours(since, until, counting.zone, call.services.ports.clock.now())
    return Wanted(
        first_hour=hours.start,
        last_hour=hours.stop - 1,
        words=tuple(fold(query.q).split()),
        **{n: None if v is UNSET else v for n, v in asked.items()},
    )


def _hours(since: date, until: date, zone: Any, now: int) -> range:
    """The hours of the days, as far as there can be conversations: none is kept for more than 400 days."""
    today = calendar.day_of(now // HOUR_MS, zone)
    first, last = max(since, today - timedelta(days=400)), min(until, today)
    if first > last:
        return range(0)
    return range(calendar.hours_of(first, zone).start, calendar.hours_of(last, zone).stop)


def _place(cursor: str | UnsetType) -> tuple[int, str]:
    if cursor is UNSET:
        return exports.NEWEST
    at, _, session_id = str(cursor).partition(".")
    return int(at), session_id
