"""Finding the entries that answer a question typed in a hurry.

An index is made once for a version of the knowledge and never changes: a shelf for each language, searched by
everybody who asks in it.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec
from msgspec import Struct

from chalicelib.knowledge import language, weights
from chalicelib.knowledge.explanations import Explanation, explained
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.ranking import Asked
from chalicelib.knowledge.shelf import Ranked, Shelf
from chalicelib.knowledge.weights import Weights

LEAST_LEAD = 2.0  # a later paragraph must fit this much better than the first
NOT_FOR = {"provider": ("clients",), "client": ("providers",)}  # visitors may be either


class Hit(Struct, frozen=True):
    entry: Entry
    score: float


class Found(Struct, frozen=True):
    """What a search gave: hits, best first, and the probability that the first one answers (0–1)."""

    hits: tuple[Hit, ...]
    confidence: float

    @property
    def best(self) -> Entry | None:
        return self.hits[0].entry if self.hits else None

    def answers(self, threshold: float) -> bool:
        """Whether the first hit is to be taken for the answer."""
        return bool(self.hits) and self.confidence >= threshold


class Index:
    """All entries, searchable. Immutable; safe to share between threads."""

    def __init__(
        self,
        entries: Sequence[Entry],
        synonyms: Sequence[Sequence[str]] = (),
        locale: str = "pt-BR",
        fitted: Weights | None = None,
    ) -> None:
        """`locale`: what is searched for those whose own has no entries. `fitted`: weights other than the product's."""
        by_locale: dict[str, list[Entry]] = defaultdict(list, {locale: []})
        for entry in entries:
            by_locale[entry.locale].append(entry)
        fitted = fitted or weights.load()
        self._shelves = {name: Shelf(kept, synonyms, language.of(name), fitted) for name, kept in by_locale.items()}
        self._default = self._shelves[locale]
        self._by_id = {entry.id: entry for entry in entries}
        told = msgspec.json.encode((tuple(entries), locale, sorted(map(sorted, synonyms))))
        self._version = sha256(told).hexdigest()[:12]

    @property
    def version(self) -> str:
        """A name for exactly these entries and synonyms."""
        return self._version

    def entry(self, entry_id: str) -> Entry | None:
        return self._by_id.get(entry_id)

    def related(self, entry: Entry, user_type: str = "anonymous") -> list[Entry]:
        """The others that `entry` names as related, in its order, in its language and meant for `user_type`."""
        named = filter(None, map(self._by_id.get, entry.related))
        others = (other for other in named if other.id != entry.id and other.locale == entry.locale)
        return [other for other in others if other.audience not in NOT_FOR.get(user_type, ())]

    def search(self, question: str, user_type: str = "anonymous", locale: str = "", limit: int = 3) -> Found:
        """The entries that fit `question` best, of those meant for `user_type` and written in `locale`."""
        shelf = self._shelf(locale)
        asked, ranked = _ranked(shelf, question, user_type)
        hits = tuple(Hit(shelf.entries[one.entry], round(one.score, 3)) for one in ranked[:limit])
        return Found(hits, round(shelf.confidence(asked, ranked), 3))

    def said(self, question: str, user_type: str = "anonymous", locale: str = "") -> Entry | None:
        """The entry that has `question` among its own, word for word but for accents, capitals and shorthand."""
        shelf = self._shelf(locale)
        number = next(iter(shelf.said(shelf.ask(question), NOT_FOR.get(user_type, ()))), None)
        return None if number is None else shelf.entries[shelf.passages[number].entry]

    def explain(self, question: str, user_type: str = "anonymous", locale: str = "", limit: int = 3) -> Explanation:
        """How the words of `question` were taken and why the first hits were found, for whoever tunes the knowledge."""
        shelf = self._shelf(locale)
        return explained(shelf, *_ranked(shelf, question, user_type), limit)

    def content_words(self, text: str) -> list[str]:
        """The words of `text` that name a subject, folded, in order."""
        return self._default.vocabulary.language.content_words(text)

    def subjects(self, text: str) -> frozenset[str] | None:
        """The words that name a subject, each as the one stem for it and its synonyms; None when one is unknown."""
        stems = [self._default.vocabulary.stand_in(word) for word in self.content_words(text)]
        return None if None in stems else frozenset(stem for stem in stems if stem)

    def uses(self, word: str) -> bool:
        """Whether an entry has this very word, or the language counts it as one that says nothing."""
        return all(map(self._default.vocabulary.known, self.content_words(word)))

    def mentions(self, entry: Entry, text: str) -> bool:
        """Whether the entry has any word of `text` that names a subject, or a synonym of it."""
        shelf = self._shelf(entry.locale)
        has = shelf.stems_of(entry)
        words = shelf.vocabulary.language.content_words(text)
        return any(not has.isdisjoint(shelf.vocabulary.meaning(word).same) for word in words)

    def covers(self, entry: Entry, text: str) -> float:
        """How much the entry has of the words of `text` that name a subject, the rare ones counting more; 0 to 1."""
        shelf = self._shelf(entry.locale)
        has = shelf.stems_of(entry)
        meanings = list(map(shelf.vocabulary.meaning, shelf.vocabulary.language.content_words(text)))
        found = sum(meaning.weight for meaning in meanings if not has.isdisjoint(meaning.same))
        return found / (sum(meaning.weight for meaning in meanings) or 1.0)

    def best_paragraph(self, entry: Entry, question: str, tells: Callable[[str], bool] = bool) -> str:
        """The paragraph that shares most with the question, of those that tell what is asked for; the first of them
        when none stands out, and of all when none does. A service's title says which it is, not what is asked of it.
        """
        shelf = self._shelf(entry.locale)
        asked = shelf.ask(question)
        paragraphs = list(filter(tells, entry.paragraphs)) or entry.paragraphs
        name = entry.title if entry.category == "service" else ""
        shares = [shelf.share(asked, paragraph, besides=name) for paragraph in paragraphs]
        best = max(range(len(shares)), key=shares.__getitem__)
        return paragraphs[best if shares[best] > LEAST_LEAD * shares[0] else 0]

    def _shelf(self, locale: str) -> Shelf:
        return self._shelves.get(locale, self._default)


def _ranked(shelf: Shelf, question: str, user_type: str) -> tuple[Asked, list[Ranked]]:
    asked = shelf.ask(question)
    return asked, shelf.rank(asked, NOT_FOR.get(user_type, ()))
