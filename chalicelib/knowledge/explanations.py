"""Why a search found what it found, for whoever tunes the knowledge."""

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.ranking import MEASURES, Asked
from chalicelib.knowledge.shelf import SAID_BEFORE, Ranked, Shelf

MOST_FOUND = 5  # words of a field that are named for one word of a question

Field = Literal["title", "questions", "keywords", "content", "steps"]


class Reading(Struct, frozen=True):
    """How one word of a question was taken, folded. `unknown`: neither an entry nor a synonym has anything like it.

    `weight`: how rare it is; `corrected`: how it was meant to be written; `synonyms`: stems.
    """

    word: str
    weight: float
    corrected: str
    synonyms: tuple[str, ...]
    unknown: bool


class Match(Struct, frozen=True):
    """A word of the question and what stands for it in one field of the entry, what fits best first, folded."""

    word: str
    field: Field
    found: tuple[str, ...]


class Reason(Struct, frozen=True, rename="camel"):
    """Why an entry was found.

    `parts` add up to its score: what each measure gave, and `wordForWord` for having the very question among its own.
    """

    entry_id: str
    score: float
    parts: dict[str, float]
    matches: tuple[Match, ...]


class Explanation(Struct, frozen=True):
    readings: tuple[Reading, ...]
    reasons: tuple[Reason, ...]
    confidence: float


def explained(shelf: Shelf, asked: Asked, ranked: Sequence[Ranked], limit: int) -> Explanation:
    """The first `limit` of what was found for a question."""
    stems = shelf.vocabulary.stems
    readings = tuple(
        Reading(m.word, round(m.weight, 3), m.corrected, tuple(sorted(stems[n] for n in m.synonyms)), not m.fits)
        for m in asked.meanings
    )
    reasons = tuple(_reason(shelf, asked, one) for one in ranked[:limit])
    return Explanation(readings, reasons, round(shelf.confidence(asked, ranked), 3))


def _reason(shelf: Shelf, asked: Asked, ranked: Ranked) -> Reason:
    entry = shelf.entries[ranked.entry]
    by_measure = zip(MEASURES, ranked.measures, shelf.weights.measures, strict=True)
    parts = {_camel(name): round(measure * weight, 3) for name, measure, weight in by_measure}
    parts |= {"wordForWord": SAID_BEFORE} if ranked.word_for_word else {}
    return Reason(entry.id, round(ranked.score, 3), parts, tuple(_matches(shelf, asked, entry)))


def _matches(shelf: Shelf, asked: Asked, entry: Entry) -> Iterator[Match]:
    vocabulary = shelf.vocabulary
    for field, text in _fields(entry):
        words = dict.fromkeys(vocabulary.language.words(text))
        stems = {word: stem for word in words if (stem := vocabulary.number(word)) is not None}
        for meaning in asked.meanings:
            fits = {word: meaning.fits[stem] for word, stem in stems.items() if stem in meaning.fits}
            if found := sorted(fits, key=lambda word: -fits[word])[:MOST_FOUND]:
                yield Match(meaning.word, field, tuple(found))


def _fields(entry: Entry) -> Iterator[tuple[Field, str]]:
    yield "title", entry.title
    yield "questions", "\n".join(entry.questions)
    yield "keywords", "\n".join(entry.keywords)
    yield "content", entry.content
    yield "steps", "\n".join(entry.steps)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return "".join((first, *map(str.capitalize, others)))
