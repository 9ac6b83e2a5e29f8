"""How well the knowledge answers the questions that administrators keep for this."""

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from chalicelib.errors import NotFound
from chalicelib.knowledge.entries import Library
from chalicelib.knowledge.model import Draft, Entry, NewQuestion, Question, made
from chalicelib.knowledge.search import Index

LOOKED_AT = 10  # entries for each question; one further down counts as not found


class Failure(Struct, frozen=True, rename="camel"):
    """A question whose entry does not come first, and the entries that do, best first."""

    question_id: str
    question: str
    entry_id: str
    found: tuple[str, ...]


class Proposal(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A change to try without making it: `entry` instead of the entry `entryId`, or new without one; or no change."""

    entry: Draft | None = None
    entry_id: str | None = None


class Score(Struct, frozen=True, rename="camel"):
    """Shares of the questions whose entry is first, or among the first three; the mean of 1/place."""

    questions: int
    recall_at_1: float
    recall_at_3: float
    mrr: float
    failures: tuple[Failure, ...]


def evaluate(index: Index, questions: Sequence[Question]) -> Score:
    """Search every question. Without questions every figure is 0."""
    places, failures = [], []
    for question in questions:
        hits = index.search(question.question, question.user_type, limit=LOOKED_AT).hits
        found = tuple(hit.entry.id for hit in hits)
        places.append(found.index(question.entry_id) + 1 if question.entry_id in found else 0)
        if places[-1] != 1:
            failures.append(Failure(question.id, question.question, question.entry_id, found[:3]))
    total = len(questions) or 1
    return Score(
        len(questions),
        round(sum(place == 1 for place in places) / total, 4),
        round(sum(0 < place <= 3 for place in places) / total, 4),
        round(sum(1 / place for place in places if place) / total, 4),
        tuple(failures),
    )


class Evaluated(Struct, frozen=True):
    """`after` is there when a change was proposed."""

    before: Score
    after: Score | None = None


def evaluated(library: Library, build: Callable[[Sequence[Entry]], Index], proposal: Proposal) -> Evaluated:
    """How well the active entries answer, before and after a change that is not made. Raises NotFound."""
    present, questions = library.store.entries(active=True), library.store.questions()
    before = evaluate(build(present), questions)
    if proposal.entry is None:
        return Evaluated(before)
    if proposal.entry_id is not None and library.store.entry(proposal.entry_id) is None:
        raise NotFound(fields=("entryId",))
    proposed = made(proposal.entry, proposal.entry_id or library.new_id(), library.now(), "")
    others = [entry for entry in present if entry.id != proposed.id]
    after = [*others, proposed] if proposed.active else others
    return Evaluated(before, evaluate(build(after), questions))


def keep(library: Library, new: NewQuestion) -> Question:
    """Keep a regression question, once. Raises NotFound when it should find what is not there."""
    if library.store.entry(new.entry_id) is None:
        raise NotFound(fields=("entryId",))
    kept = (one for one in library.store.questions() if structs.asdict(new).items() <= structs.asdict(one).items())
    if known := next(kept, None):
        return known
    question = Question(**structs.asdict(new), id=library.new_id())
    library.store.save_question(question)
    return question


def forget(library: Library, question_id: str) -> None:
    """Remove a regression question. Raises NotFound."""
    if not library.store.drop_question(question_id):
        raise NotFound
