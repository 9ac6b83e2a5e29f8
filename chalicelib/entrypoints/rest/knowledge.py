"""The knowledge over REST: each operation parses (operations.py), calls one function, and says how it went."""

from typing import Annotated

from chalice.app import Blueprint
from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.entrypoints.rest.access import WRITE
from chalicelib.entrypoints.rest.operations import Answer, Call, operation
from chalicelib.knowledge import entries, evaluation, trial
from chalicelib.knowledge.entries import Entries
from chalicelib.knowledge.model import Category, Draft, Entry, NewQuestion, Question

blueprint = Blueprint(__name__)


class ListQuery(Struct, frozen=True, forbid_unknown_fields=True):
    category: Category | UnsetType = UNSET
    q: Annotated[str, Meta(max_length=200)] = ""
    active: bool | UnsetType = UNSET
    cursor: Annotated[str, Meta(max_length=64)] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class VersionsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    cursor: Annotated[int, Meta(ge=0, le=10**9)] = 0
    limit: Annotated[int, Meta(ge=1, le=20)] = 10


class DeleteQuery(Struct, frozen=True, forbid_unknown_fields=True):
    purge: bool = False


class Restore(Struct, frozen=True, forbid_unknown_fields=True):
    """The version whose words become the newest version."""

    version: Annotated[int, Meta(ge=1, le=10**9)]


class Questions(Struct, frozen=True, rename="camel"):
    items: tuple[Question, ...]
    next_cursor: str | None = None


@operation(blueprint, "GET", "/knowledge", query=ListQuery, answers={200: Entries})
def list_entries(call: Call) -> Answer:
    """List entries by id; `q` finds those that have all its words, with or without accents."""
    query: ListQuery = call.query
    page = entries.listed(
        call.services.library,
        category="" if query.category is UNSET else query.category,
        active=None if query.active is UNSET else query.active,
        q=query.q,
        cursor=query.cursor,
        limit=query.limit,
    )
    return Answer(200, page)


@operation(blueprint, "POST", "/knowledge", roles=WRITE, body=Draft, answers={201: Entry})
def create_entry(call: Call) -> Answer:
    """Create an entry; the assistant answers from it within 5 seconds."""
    entry = entries.create(call.services.library, call.body, call.who.name)
    return Answer(201, entry, f"/knowledge/{entry.id}")


@operation(blueprint, "GET", "/knowledge/{entry_id}", answers={200: Entry})
def get_entry(call: Call, entry_id: str) -> Answer:
    """Read an entry; its ETag is what a change needs."""
    return Answer(200, entries.get(call.services.library, entry_id))


@operation(blueprint, "PUT", "/knowledge/{entry_id}", roles=WRITE, body=Draft, if_match=True, answers={200: Entry})
def update_entry(call: Call, entry_id: str) -> Answer:
    """Replace an entry's words; the version before is kept."""
    return Answer(200, entries.update(call.services.library, entry_id, call.version, call.body, call.who.name))


@operation(
    blueprint,
    "DELETE",
    "/knowledge/{entry_id}",
    roles=WRITE,
    query=DeleteQuery,
    if_match=True,
    answers={200: Entry, 204: None},
)
def delete_entry(call: Call, entry_id: str) -> Answer:
    """Deactivate an entry, which keeps it; with `purge=true` remove it and every version of it."""
    if call.query.purge:
        entries.purge(call.services.library, entry_id, call.version)
        return Answer(204)
    return Answer(200, entries.deactivate(call.services.library, entry_id, call.version, call.who.name))


@operation(blueprint, "GET", "/knowledge/{entry_id}/versions", query=VersionsQuery, answers={200: Entries})
def list_versions(call: Call, entry_id: str) -> Answer:
    """List an entry's versions, newest first."""
    query: VersionsQuery = call.query
    return Answer(200, entries.versions(call.services.library, entry_id, before=query.cursor, limit=query.limit))


@operation(
    blueprint,
    "POST",
    "/knowledge/{entry_id}/restore",
    roles=WRITE,
    body=Restore,
    if_match=True,
    answers={200: Entry},
)
def restore_entry(call: Call, entry_id: str) -> Answer:
    """Make an earlier version's words the newest version."""
    wanted = call.body.version
    return Answer(200, entries.restore(call.services.library, entry_id, call.version, wanted, call.who.name))


@operation(blueprint, "POST", "/knowledge/search", body=trial.Search, answers={200: trial.Results})
def search(call: Call) -> Answer:
    """See what the assistant would find for a question."""
    knowledge = call.services.follower.refresh()
    return Answer(200, trial.search(knowledge.index, call.body, call.services.settings.answer_threshold))


@operation(blueprint, "GET", "/knowledge/questions", answers={200: Questions})
def list_questions(call: Call) -> Answer:
    """List the regression questions: what people ask, and the entry it should find."""
    return Answer(200, Questions(tuple(call.services.library.store.questions())))


@operation(blueprint, "POST", "/knowledge/questions", roles=WRITE, body=NewQuestion, answers={201: Question})
def create_question(call: Call) -> Answer:
    """Keep a regression question; one that is kept already is answered as it is."""
    question = evaluation.keep(call.services.library, call.body)
    return Answer(201, question, f"/knowledge/questions/{question.id}")


@operation(blueprint, "DELETE", "/knowledge/questions/{question_id}", roles=WRITE, answers={204: None})
def delete_question(call: Call, question_id: str) -> Answer:
    """Remove a regression question."""
    evaluation.forget(call.services.library, question_id)
    return Answer(204)


@operation(blueprint, "POST", "/knowledge/evaluate", body=evaluation.Proposal, answers={200: evaluation.Evaluated})
def evaluate(call: Call) -> Answer:
    """Search every regression question: as the knowledge is, and as it would be after a proposed change."""
    library, build = call.services.library, call.services.build_index
    return Answer(200, evaluation.evaluated(library, build, call.body))
