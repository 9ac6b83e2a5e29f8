"""Finding the entry that answers a question typed in a hurry.

An index is made once from all entries and never changes. A question's words are reduced to roots, widened by
synonyms and corrected against the vocabulary; entries are ranked by the weight of the words they share with it
and by their most similar alternative question.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256

import msgspec
from msgspec import Struct

from chalicelib.knowledge import language
from chalicelib.knowledge.model import Entry

FIELD_WEIGHTS = {"title": 3.0, "keywords": 2.5, "questions": 1.5, "content": 0.6}
SYNONYM_WEIGHT = 0.8
CORRECTED_WEIGHT = 0.75
LEAST_LIKENESS = 0.54  # trigram Dice, below which two words are different words
LEAST_SHARED_LIKENESS = 0.7  # and below which two people did not mean the same
QUESTION_BONUS = 6.0
STRONG_SCORE = 15.0  # score plus lead at which the confidence of a match is 1 - 1/e
STRENGTH_SHARE = 0.6
LEAST_LEAD = 2.0  # a later paragraph must fit this much better than the first
MIN_CORRECTED = 4  # letters; shorter words have too many neighbours
AUDIENCES = {"provider": ("everyone", "providers"), "client": ("everyone", "clients")}


class Hit(Struct, frozen=True):
    entry: Entry
    score: float


class Found(Struct, frozen=True):
    """What a search gave: hits, best first, and how sure the first one is (0–1)."""

    hits: tuple[Hit, ...]
    confidence: float

    @property
    def best(self) -> Entry | None:
        return self.hits[0].entry if self.hits else None


class Index:
    """All entries of a locale, searchable. Immutable; safe to share between threads."""

    def __init__(self, entries: Sequence[Entry], synonyms: Sequence[Sequence[str]] = (), locale: str = "pt-BR") -> None:
        self._language = language.of(locale)
        self._entries = tuple(entries)
        self._weights = [self._field_weights(entry) for entry in entries]
        self._questions = [[set(self._language.terms(q)) for q in (e.title, *e.questions)] for e in entries]
        self._idf = self._rarity()
        self._rarest = math.log(1 + len(entries))
        self._synonyms = self._synonym_roots(synonyms)
        self._spellings = {word: frozenset(language.trigrams(word)) for word in {*self._idf, *self._synonyms}}
        told = msgspec.json.encode((self._entries, locale, sorted(map(sorted, synonyms))))
        self._version = sha256(told).hexdigest()[:12]
        self._by_id = {entry.id: entry for entry in entries}

    def entry(self, entry_id: str) -> Entry | None:
        return self._by_id.get(entry_id)

    def search(self, question: str, user_type: str = "anonymous", limit: int = 3) -> Found:
        """The entries that fit `question` best, of those meant for `user_type`."""
        asked = self._asked(question)
        total = sum(self._rareness(term) for term in asked)
        if not total:
            return Found((), 0.0)
        scored = [
            (self._score(asked, position), position)
            for position, entry in enumerate(self._entries)
            if entry.audience in AUDIENCES.get(user_type, ("everyone", "clients", "providers"))
        ]
        best = sorted((pair for pair in scored if pair[0] > 0), reverse=True)[:limit]
        hits = tuple(Hit(self._entries[position], round(score, 3)) for score, position in best)
        return Found(hits, self._confidence(asked, best, total) if best else 0.0)

    @property
    def version(self) -> str:
        """A name for exactly these entries and synonyms."""
        return self._version

    def terms(self, text: str) -> set[str]:
        return set(self._language.terms(text))

    def stand_in(self, term: str) -> str | None:
        """The one root for a term, its synonyms and its misspellings; None for a word no entry uses."""
        known = term if term in self._spellings else self._corrected(term, LEAST_SHARED_LIKENESS)
        return min({known, *self._synonyms.get(known, ())}) if known else None

    def uses(self, word: str) -> bool:
        """Whether an entry has this very word, or the language counts it as one that says nothing."""
        return all(root in self._spellings for root in self._language.terms(word))

    def mentions(self, entry: Entry, text: str) -> bool:
        """Whether the entry has any word of `text` that matters, or one that may stand for it."""
        weights = self._weights[self._entries.index(entry)]
        return any(word in weights for stand_ins in self._asked(text).values() for word in stand_ins)

    def best_paragraph(self, entry: Entry, question: str) -> str:
        """The paragraph that shares most with the question; the first when none stands out."""
        asked = self._asked(question)

        def shared(paragraph: str) -> float:
            return self._shared(asked, self.terms(paragraph))

        paragraphs = entry.paragraphs
        best = max(paragraphs, key=shared)
        return best if shared(best) > LEAST_LEAD * shared(paragraphs[0]) else paragraphs[0]

    def _field_weights(self, entry: Entry) -> dict[str, float]:
        weights: dict[str, float] = defaultdict(float)
        fields = {
            "title": entry.title,
            "keywords": " ".join(entry.keywords),
            "questions": " ".join(entry.questions),
            "content": " ".join((entry.content, *entry.steps)),
        }
        for name, text in fields.items():
            for term in set(self._language.terms(text)):
                weights[term] = max(weights[term], FIELD_WEIGHTS[name])
        return weights

    def _rarity(self) -> dict[str, float]:
        counts = Counter(term for weights in self._weights for term in weights)
        return {term: math.log(1 + (len(self._entries) - n + 0.5) / (n + 0.5)) for term, n in counts.items()}

    def _rareness(self, term: str) -> float:
        """A word nobody wrote an entry about counts like the rarest one: it is what the entry lacks."""
        return self._idf.get(term, self._rarest)

    def _synonym_roots(self, groups: Iterable[Sequence[str]]) -> dict[str, set[str]]:
        roots: dict[str, set[str]] = defaultdict(set)
        for group in groups:
            single = {terms[0] for terms in map(self._language.terms, group) if len(terms) == 1}
            for root in single:
                roots[root] |= single - {root}
        return roots

    def _asked(self, question: str) -> dict[str, dict[str, float]]:
        """Each root of the question with the roots that may stand for it, and how well they do."""
        return {term: self._stand_ins(term) for term in self._language.terms(question)}

    def _stand_ins(self, term: str) -> dict[str, float]:
        stand_ins = dict.fromkeys(self._synonyms.get(term, ()), SYNONYM_WEIGHT)
        if term in self._idf:
            stand_ins[term] = 1.0
        elif not stand_ins:
            corrected = self._corrected(term)
            for word in (corrected, *self._synonyms.get(corrected, ())) if corrected else ():
                stand_ins[word] = CORRECTED_WEIGHT
        return stand_ins

    def _corrected(self, term: str, least: float = LEAST_LIKENESS) -> str:
        """The known root most like a misspelt one, or ""."""
        if len(term) < MIN_CORRECTED:
            return ""
        grams = frozenset(language.trigrams(term))
        alike = ((_dice(grams, known), word) for word, known in self._spellings.items())
        likeness, word = max(alike, default=(0.0, ""))  # of no entries there are no words
        return word if likeness >= least else ""

    def _score(self, asked: dict[str, dict[str, float]], position: int) -> float:
        weights = self._weights[position]
        words = sum(
            max((weights.get(word, 0.0) * fit * self._rareness(word) for word, fit in stand_ins.items()), default=0.0)
            for stand_ins in asked.values()
        )
        return words + QUESTION_BONUS * self._likeness(asked, position) if words else 0.0

    def _likeness(self, asked: dict[str, dict[str, float]], position: int) -> float:
        """Weighted overlap with the most similar alternative question, 0–1."""
        mass = sum(map(self._rareness, asked))
        return max(
            (
                self._shared(asked, question) / math.sqrt(mass * sum(map(self._rareness, question)) or 1.0)
                for question in self._questions[position]
            ),
            default=0.0,
        )

    def _shared(self, asked: dict[str, dict[str, float]], terms: set[str]) -> float:
        """The weight of what is asked and found among `terms`."""
        return sum(
            max((fit * self._rareness(word) for word, fit in stand_ins.items() if word in terms), default=0.0)
            for stand_ins in asked.values()
        )

    def _confidence(self, asked: dict[str, dict[str, float]], best: list[tuple[float, int]], total: float) -> float:
        """How sure the first place is: its score and its lead over the second, and the share of the question found."""
        (score, position), second = best[0], best[1][0] if len(best) > 1 else 0.0
        weights = self._weights[position]
        covered = sum(
            self._rareness(term)
            * max((fit * min(1.0, weights.get(word, 0.0) / 1.5) for word, fit in stand_ins.items()), default=0.0)
            for term, stand_ins in asked.items()
        )
        coverage = 0.5 * covered / total + 0.5 * self._likeness(asked, position)
        strength = 1 - math.exp(-(2 * score - second) / STRONG_SCORE)
        return round(min(1.0, (1 - STRENGTH_SHARE) * coverage + STRENGTH_SHARE * strength), 3)


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))
