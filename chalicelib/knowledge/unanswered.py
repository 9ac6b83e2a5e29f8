"""Questions that were not answered well, grouped by likeness, and what becomes of a group: better knowledge."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.errors import Invalid
from chalicelib.knowledge import entries
from chalicelib.knowledge.entries import Library
from chalicelib.knowledge.language import Language, fold
from chalicelib.knowledge.model import INK, Audience, Category, Draft, Entry, Locale, moment

LEAST_LIKENESS = 0.5  # Dice's coefficient of two questions' stems
MOST_QUESTIONS = 20  # of a group that are shown; an entry takes a hundred
MOST_LOOKED_AT = 5_000  # different questions, the most frequent ones
LINE = 500  # characters that an entry's question holds
TO_WRITE = "(Resposta a escrever.)"

_Line = Annotated[str, Meta(min_length=1, max_length=LINE, pattern=INK)]
_Lines = Annotated[tuple[_Line, ...], Meta(min_length=1, max_length=100)]


class Doubt(Struct, frozen=True):
    """One question that was not answered, or whose answer did not help; `at` in milliseconds since 1970.

    `entry_id`: what it was answered from, or "".
    """

    question: str
    at: int
    reason: Literal["unanswered", "unhelpful"]
    entry_id: str = ""


class Group(Struct, frozen=True, rename="camel"):
    """Questions that are alike, the most frequent ones first; `entry_ids` have answered them, without help.

    `kept_in`: the entry, active or not, that has one of them for an alternative question already.
    """

    count: int
    unanswered: int
    unhelpful: int
    last_at: datetime
    questions: tuple[str, ...]
    entry_ids: tuple[str, ...]
    kept_in: str | None = None


class NewDraft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A group of questions that shall become an entry; its title is the first of them where none is given."""

    questions: _Lines
    title: Annotated[str, Meta(max_length=200)] = ""
    category: Category = "faq"
    audience: Audience = "everyone"
    locale: Locale = "pt-BR"


class MoreQuestions(Struct, frozen=True, forbid_unknown_fields=True):
    """Alternative questions for an entry."""

    questions: _Lines


def grouped(doubts: Iterable[Doubt], language: Language, known: Iterable[Entry], limit: int) -> tuple[Group, ...]:
    """The groups, most frequent first. Each question joins the most frequent one that it is like."""
    alike: dict[str, list[Doubt]] = defaultdict(list)
    for doubt in doubts:
        alike[" ".join(fold(doubt.question).split())].append(doubt)
    frequent = sorted(alike.values(), key=lambda same: (-len(same), same[0].question))[:MOST_LOOKED_AT]
    groups = _joined(frequent, lambda question: frozenset(map(language.sound, language.terms(question))))
    kept = {fold(question): entry.id for entry in known for question in (entry.title, *entry.questions)}
    found = sorted((_group(group, kept) for group in groups), key=lambda group: (-group.count, group.questions))
    return tuple(found[:limit])


def draft(library: Library, new: NewDraft, who: str) -> Entry:
    """An inactive entry with these alternative questions, for an administrator to write."""
    words = Draft(
        category=new.category,
        title=new.title.strip() or new.questions[0][:200],
        content=TO_WRITE,
        audience=new.audience,
        locale=new.locale,
        questions=tuple(dict.fromkeys(new.questions)),
        active=False,
    )
    return entries.create(library, words, who)


def add_questions(library: Library, entry_id: str, version: int, more: MoreQuestions, who: str) -> Entry:
    """Give version `version` of an entry more alternative questions. Raises as entries.update does, and Invalid."""
    present = entries.get(library, entry_id)
    held = {fold(question) for question in present.questions}
    fresh = [question for question in dict.fromkeys(more.questions) if fold(question) not in held]
    questions = (*present.questions, *fresh)
    if len(questions) > 100:
        raise Invalid({"questions": "an entry holds at most 100"})
    return entries.update(library, entry_id, version, replace(present.draft, questions=questions), who)


def _joined(frequent: Sequence[list[Doubt]], stems_of: Callable[[str], frozenset[str]]) -> list[list[Doubt]]:
    """Only groups that share a stem are compared, so that many different questions cost little."""
    groups: list[tuple[frozenset[str], list[Doubt]]] = []
    by_stem: dict[str, set[int]] = defaultdict(set)
    for same in frequent:
        stems = stems_of(same[0].question)
        near = sorted({number for stem in stems for number in by_stem[stem]})
        best = max(near, key=lambda number: _likeness(stems, groups[number][0]), default=None)
        if best is not None and _likeness(stems, groups[best][0]) >= LEAST_LIKENESS:
            groups[best][1].extend(same)
            continue
        for stem in stems:
            by_stem[stem].add(len(groups))
        groups.append((stems, list(same)))
    return [group for _, group in groups]


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))


def _group(doubts: Sequence[Doubt], kept: dict[str, str]) -> Group:
    asked = Counter(" ".join(doubt.question.split())[:LINE] for doubt in doubts)
    entry_ids = Counter(doubt.entry_id for doubt in doubts if doubt.entry_id)
    unhelpful = sum(doubt.reason == "unhelpful" for doubt in doubts)
    return Group(
        count=len(doubts),
        unanswered=len(doubts) - unhelpful,
        unhelpful=unhelpful,
        last_at=moment(max(doubt.at for doubt in doubts)),
        questions=tuple(question for question, _ in asked.most_common(MOST_QUESTIONS)),
        entry_ids=tuple(entry_id for entry_id, _ in entry_ids.most_common(MOST_QUESTIONS)),
        kept_in=next((kept[fold(question)] for question in asked if fold(question) in kept), None),
    )
