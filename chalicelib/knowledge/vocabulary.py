"""What a question's words may mean, in the words of the entries: synonyms, misspellings, kindred words."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from string import ascii_lowercase

from msgspec import Struct

from chalicelib.knowledge.passages import Lexicon, Passage

SYNONYM_FIT = 0.8
CORRECTED_FIT = 0.9
PREFIX_FIT = 0.6  # of a stem that begins with the other
LEAST_LIKENESS = 0.5  # trigram Dice, below which two stems have nothing in common
SHARED_START = 3  # letters that kindred stems have in common
MIN_LETTERS = 4  # of a word that is corrected or a beginning of another; shorter ones have too many neighbours
STOP_WORD_WEIGHT = 0.25  # of what its rareness says; "who are you" consists of nothing else


class Meaning(Struct, frozen=True):
    """What a word of a question may stand for.

    `weight`: how rare it is; `stem`: the number of its own stem, None when no entry has it; `fits`: the stems that
    may stand for it and how well they do, 0 to 1; `corrected`: how it was meant to be written.
    """

    word: str
    weight: float
    stem: int | None
    fits: Mapping[int, float]
    corrected: str = ""
    synonyms: frozenset[int] = frozenset()
    light: bool = False  # a stop word

    @property
    def same(self) -> frozenset[int]:
        """The stems that mean just this."""
        return self.synonyms if self.stem is None else self.synonyms | {self.stem}


class Vocabulary:
    """All words of a shelf's passages, weighed. `meaning` is cheap for words that were asked before."""

    def __init__(self, lexicon: Lexicon, passages: Sequence[Passage], synonyms: Iterable[Sequence[str]]) -> None:
        self.language = lexicon.language
        self.forms, self.written, self.stems = lexicon, tuple(lexicon), tuple(lexicon.stems)
        self._numbers, self._stop_words = lexicon.stems, lexicon.stop_words
        self.rarest = math.log(1 + len(passages))
        in_stems = Counter(number for passage in passages for number in {*passage.title_stems, *passage.stems})
        in_forms = Counter(number for passage in passages for number in {*passage.title, *passage.forms})
        self.form_weights = _rareness(in_forms, len(lexicon), len(passages))
        self.weights = _rareness(in_stems, len(self.stems), len(passages))
        for stop_word in range(self._stop_words):
            self.weights[stop_word] *= STOP_WORD_WEIGHT
        self._commonness = in_forms
        self._starts: dict[str, list[int]] = defaultdict(list)
        for number, stem in enumerate(self.stems):
            self._starts[stem[:SHARED_START]].append(number)
        self._by_sound = {self.language.sound(word): word for word in sorted(lexicon, key=self._how_common)}
        self._synonyms = self._groups(synonyms)
        self.meaning = lru_cache(maxsize=20_000)(self._meaning)

    def number(self, word: str) -> int | None:
        """The number of a word's stem."""
        return self._numbers.get(self.language.stem(word))

    def known(self, word: str) -> bool:
        """Whether an entry has this word in any of its forms."""
        return self.number(word) is not None

    def stand_in(self, word: str) -> str | None:
        """The one stem for a word and its synonyms; None for a word that nothing here is, or is clearly meant to be."""
        meaning = self.meaning(word)
        if meaning.corrected and (meaning.light or _likeness(word, meaning.corrected) < LEAST_LIKENESS):
            return None
        return min((self.stems[number] for number in meaning.same), default=None)

    def _groups(self, groups: Iterable[Sequence[str]]) -> dict[str, frozenset[int]]:
        """Each stem of a group of synonyms with the numbers of the other ones that entries have."""
        found: dict[str, frozenset[int]] = defaultdict(frozenset)
        for group in groups:
            single = [stems[0] for stems in map(self.language.terms, group) if len(stems) == 1]
            numbers = frozenset(self._numbers[stem] for stem in single if stem in self._numbers)
            for stem in single:
                found[stem] |= numbers - {self._numbers.get(stem)}
        return found

    def _meaning(self, word: str) -> Meaning:
        stem = self.language.stem(word)
        corrected = "" if stem in self._numbers or stem in self._synonyms else self._corrected(word)
        stem = self.language.stem(corrected) if corrected else stem
        number = self._numbers.get(stem)
        synonyms = self._synonyms.get(stem, frozenset())
        light = stem in self.language.stop_words
        fits = {} if light else dict(self._kindred(stem)) | dict.fromkeys(synonyms, SYNONYM_FIT)
        if number is not None:
            fits[number] = 1.0
        if corrected:
            fits = {other: CORRECTED_FIT * fit for other, fit in fits.items()}
        weight = self.rarest if number is None else self.weights[number]
        return Meaning(word, weight, number, fits, corrected, synonyms, light)

    def _kindred(self, stem: str) -> Iterator[tuple[int, float]]:
        """Stems that begin alike, such as a stemmer leaves of one family of words."""
        for number in self._starts.get(stem[:SHARED_START], ()):
            if number < self._stop_words:
                continue
            other = self.stems[number]
            fit = _likeness(stem, other)
            shorter, longer = sorted((stem, other), key=len)
            if len(shorter) >= MIN_LETTERS and longer.startswith(shorter):
                fit = max(fit, PREFIX_FIT)
            if fit >= LEAST_LIKENESS:
                yield number, fit

    def _corrected(self, word: str) -> str:
        """The commonest word one slip of the finger away, or else one that sounds alike, or ""."""
        if len(word) < MIN_LETTERS or word.isdigit():
            return ""
        near = max(filter(self.forms.__contains__, _slips(word)), key=self._how_common, default="")
        return near or self._by_sound.get(self.language.sound(word), "")

    def _how_common(self, word: str) -> tuple[int, str]:
        return self._commonness[self.forms[word]], word


def _rareness(counts: Mapping[int, int], words: int, passages: int) -> "array[float]":
    """The inverse document frequency of each word, as BM25 has it."""
    return array("f", (math.log(1 + (passages - counts[n] + 0.5) / (counts[n] + 0.5)) for n in range(words)))


def _slips(word: str) -> set[str]:
    """All words one edit away: a letter less, two swapped, another letter, a letter more."""
    halves = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    found = {head + tail[1:] for head, tail in halves if tail}
    found.update(head + tail[1] + tail[0] + tail[2:] for head, tail in halves if len(tail) > 1)
    for letter in ascii_lowercase:
        found.update(head + letter + tail[1:] for head, tail in halves if tail)
        found.update(head + letter + tail for head, tail in halves)
    return found


@lru_cache(maxsize=50_000)
def _trigrams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


def _likeness(one: str, other: str) -> float:
    """Dice's coefficient of their groups of three letters, 0 to 1."""
    grams, others = _trigrams(one), _trigrams(other)
    return 2 * len(grams & others) / (len(grams) + len(others))
