"""The entries of one language, searchable: candidates from tantivy, measured, weighed and ranked."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from chalicelib.knowledge.candidates import Candidates
from chalicelib.knowledge.language import Language
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.passages import Lexicon, Reader, cut
from chalicelib.knowledge.ranking import Asked, Measurer
from chalicelib.knowledge.vocabulary import Vocabulary
from chalicelib.knowledge.weights import Weights

CANDIDATES = 12
MAX_OF_ENTRY = 2  # passages of one entry among the candidates
MAX_WORDS = 48  # of a question; what it asks is said by then
SAID_BEFORE = 10.0  # added for an alternative question, word for word


class Ranked(Struct, frozen=True):
    """An entry by its place on the shelf, its score, and the measures of its best passage."""

    entry: int
    score: float
    measures: tuple[float, ...]
    word_for_word: bool


class Shelf:
    """Immutable; safe to share between threads."""

    def __init__(
        self, entries: Sequence[Entry], synonyms: Iterable[Sequence[str]], language: Language, weights: Weights
    ) -> None:
        lexicon = Lexicon(language)
        self.entries = tuple(entries)
        reader = Reader(lexicon)
        self.passages = [passage for number, entry in enumerate(entries) for passage in cut(entry, number, reader)]
        self.vocabulary = Vocabulary(lexicon, self.passages, synonyms)
        self.weights = weights
        self.measurer = Measurer(self.passages, self.vocabulary)
        audiences = [entries[passage.entry].audience for passage in self.passages]
        self._candidates = Candidates(self.passages, audiences, self.vocabulary)
        self._said = self._questions()

    def ask(self, question: str) -> Asked:
        return Asked(self.vocabulary.language.words(question)[:MAX_WORDS], self.vocabulary)

    def rank(self, asked: Asked, left_out: Collection[str]) -> list[Ranked]:
        """The entries that may answer, best first, at most CANDIDATES; none for the audiences `left_out`."""
        said = self.said(asked, left_out)
        best: dict[int, Ranked] = {}
        for number in list(dict.fromkeys((*said, *self.candidates(asked, left_out))))[:CANDIDATES]:
            measures = self.measurer.measure(asked, number)
            entry, word_for_word = self.passages[number].entry, number in said
            score = self.weights.score(measures) + (SAID_BEFORE if word_for_word else 0.0)
            if entry not in best or score > best[entry].score:
                best[entry] = Ranked(entry, score, measures, word_for_word)
        return sorted(best.values(), key=lambda ranked: (not ranked.word_for_word, -ranked.score, ranked.entry))

    def said(self, asked: Asked, left_out: Collection[str]) -> list[int]:
        """The passages of entries that have this very question among theirs, in order."""
        return sorted(number for number in self._said.get(asked.wording, ()) if self._audience(number) not in left_out)

    def confidence(self, asked: Asked, ranked: Sequence[Ranked]) -> float:
        """The probability that the first of `ranked` answers what was asked, 0 to 1."""
        if not ranked or (all(meaning.light for meaning in asked.meanings) and not ranked[0].word_for_word):
            return 0.0  # nothing found; or only courtesies, which ask for nothing
        return self.weights.certainty(self.signs(asked, ranked))

    def signs(self, asked: Asked, ranked: Sequence[Ranked]) -> tuple[float, ...]:
        """What the confidence is told from, in the order of SIGNS."""
        first, second = ranked[0].score, ranked[1].score if len(ranked) > 1 else 0.0
        unknown = sum(meaning.weight for meaning in asked.meanings if not meaning.fits) / asked.mass
        return (1.0, first, first - second, first * asked.mass, unknown)

    def stems_of(self, entry: Entry) -> set[int]:
        """All stems of title and text; none for an entry of another shelf."""
        passages = (passage for passage in self.passages if self.entries[passage.entry].id == entry.id)
        return {stem for passage in passages for stem in (*passage.title_stems, *passage.stems)}

    def stems(self, text: str) -> set[int | None]:
        """The stems of a text; None for all that no entry has."""
        return set(map(self.vocabulary.number, self.vocabulary.language.words(text)))

    def share(self, asked: Asked, text: str, besides: str) -> float:
        """The weight of what is asked for that is in `text`, itself or by a synonym, and not in the text `besides`."""
        has, has_not = self.stems(text), self.stems(besides)
        telling = (meaning for meaning in asked.meanings if not meaning.light and has_not.isdisjoint(meaning.same))
        return sum(meaning.weight for meaning in telling if not has.isdisjoint(meaning.same))

    def candidates(self, asked: Asked, left_out: Collection[str]) -> list[int]:
        """Passages that share words with the question; a long entry takes no more than its share of places."""
        if not any(meaning.fits for meaning in asked.all_meanings):
            return []
        cut_up = len(self.passages) > len(self.entries)
        found = self._candidates.find(asked.telling, left_out, CANDIDATES * (4 if cut_up else 1))
        if not cut_up:
            return found
        taken: Counter[int] = Counter()
        kept = []
        for number in found:
            entry = self.passages[number].entry
            taken[entry] += 1
            if taken[entry] <= MAX_OF_ENTRY:
                kept.append(number)
        return kept[:CANDIDATES]

    def _questions(self) -> dict[str, set[int]]:
        """Every alternative question, folded, with the passages that have it."""
        said: dict[str, set[int]] = defaultdict(set)
        for number in range(len(self.passages)):
            entry = self.passages[number].entry
            if number and self.passages[number - 1].entry == entry:
                continue  # the first passage of an entry has its questions
            for question in self.entries[entry].questions:
                said[" ".join(self.vocabulary.language.words(question))].add(number)
        said.pop("", None)
        return said

    def _audience(self, number: int) -> str:
        return self.entries[self.passages[number].entry].audience
