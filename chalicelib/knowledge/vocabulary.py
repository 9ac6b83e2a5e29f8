"""What a question's words may mean, in the words of the entries: synonyms, misspellings, kindred words."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from string import ascii_lowercase

from msgspec import Struct

from chalicelib.knowledge.letters import Letters, trigrams
from chalicelib.knowledge.passages import Lexicon, Passage

SYNONYM_FIT = 0.8
CORRECTED_FIT = 0.95
GUESSED_FIT = 0.6  # of a word that is less likely meant
MOST_GUESSES = 3
MIN_HEARD = 6  # of a word that is looked for by an inexact sound
LONGEST_PHRASE = 3  # words that tell, of a synonym
PREFIX_FIT = 0.6  # of a stem that begins with the other
LEAST_LIKENESS = 0.5  # trigram Dice, below which two stems have nothing in common
LEAST_FIT = 0.7  # of a stem for which passages are candidates in another's place
SHARED_START = 3  # letters that kindred stems have in common
MIN_LETTERS = 4  # of a word that is corrected or a beginning of another; shorter ones have too many neighbours
STOP_WORD_WEIGHT = 0.5  # of what its rareness says; "who are you" consists of nothing else


class Meaning(Struct, frozen=True):
    """What a word of a question may stand for.

    `weight`: how rare it is; `stem`: the number of its own stem, None when no entry has it; `fits`: the stems that
    may stand for it and how well they do, 0 to 1; `sought`: those of them that make a passage a candidate;
    `corrected`: how it was meant to be written.
    """

    word: str
    weight: float
    stem: int | None
    fits: Mapping[int, float]
    sought: frozenset[int] = frozenset()
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
        self.letters = Letters(self.written, passages)
        self._numbers, self._stop_words = lexicon.stems, lexicon.stop_words
        self.rarest = math.log(1 + len(passages))
        in_stems = Counter(chain.from_iterable({*passage.title_stems, *passage.stems} for passage in passages))
        in_forms = Counter(chain.from_iterable({*passage.title, *passage.forms} for passage in passages))
        self.form_weights = _rareness(in_forms, len(lexicon), len(passages))
        self.weights = _rareness(in_stems, len(self.stems), len(passages))
        for stop_word in range(self._stop_words):
            self.weights[stop_word] *= STOP_WORD_WEIGHT
        self._commonness = in_forms
        self._starts: dict[str, list[int]] = defaultdict(list)
        for number, stem in enumerate(self.stems):
            self._starts[stem[:SHARED_START]].append(number)
        self._by_sound = {self.language.sound(word): word for word in sorted(lexicon, key=self._how_common)}
        self._synonyms: dict[str, frozenset[int]] = defaultdict(frozenset)
        self._parts: dict[str, dict[int, float]] = defaultdict(dict)
        self._phrases: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
        for group in synonyms:
            self._take_up([tuple(self.language.terms(member)) for member in group])
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

    def phrases(self, question: str) -> Iterator[Meaning]:
        """What several words of a question mean together: "tomada queimada" is a short circuit."""
        stems = self.language.terms(question)
        for size in range(2, LONGEST_PHRASE + 1):
            for phrase in zip(*(stems[start:] for start in range(size)), strict=False):
                if fits := self._phrases.get(phrase):
                    known = [self.weights[self._numbers[stem]] for stem in phrase if stem in self._numbers]
                    yield Meaning(" ".join(phrase), max(known, default=self.rarest), None, fits, frozenset(fits))

    def _take_up(self, group: Sequence[tuple[str, ...]]) -> None:
        """Let every member of a group of synonyms stand for the others, one of several words word by word."""
        single = {stems[0] for stems in group if len(stems) == 1}
        numbers = frozenset(self._numbers[stem] for stem in single if stem in self._numbers)
        for stem in single:
            self._synonyms[stem] |= numbers - {self._numbers.get(stem)}
        phrases = [phrase for phrase in group if 1 < len(phrase) <= LONGEST_PHRASE]
        for phrase in phrases:
            parts = {self._numbers[stem]: SYNONYM_FIT / len(phrase) for stem in phrase if stem in self._numbers}
            for stem in single:
                self._parts[stem].update(parts)
            for other in phrases:
                self._phrases[other].update(parts if other != phrase else dict.fromkeys(numbers, SYNONYM_FIT))

    def _meaning(self, word: str) -> Meaning:
        stem = self.language.stem(word)
        guessed: Sequence[str] = ()
        corrected = ""
        if stem not in self._numbers and stem not in self._synonyms:
            corrected, *guessed = self._corrections(word) or [""]
            stem = self.language.stem(corrected) if corrected else stem
        number = self._numbers.get(stem)
        synonyms = self._synonyms.get(stem, frozenset())
        light = stem in self.language.stop_words
        others = self._parts.get(stem, {}) | dict.fromkeys(synonyms, SYNONYM_FIT)
        fits = {} if light else dict(self._kindred(stem)) | others
        if number is not None:
            fits[number] = 1.0
        if corrected:
            fits = {other: CORRECTED_FIT * fit for other, fit in fits.items()}
            others |= {self._numbers[self.language.stem(guess)]: GUESSED_FIT for guess in guessed}
            fits = others | fits
        weight = self.rarest if number is None else self.weights[number]
        sought = frozenset(found for found, fit in fits.items() if fit >= LEAST_FIT or found in others)
        return Meaning(word, weight, number, fits, sought, corrected, synonyms, light)

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

    def _corrections(self, word: str) -> list[str]:
        """Words that may have been meant, likeliest first: those that sound alike and one slip of the finger away."""
        sound = self.language.sound(word)
        alike = [self._by_sound[sound]] if sound in self._by_sound and not word.isdigit() else []
        if len(word) < MIN_LETTERS or word.isdigit():
            return alike
        near = sorted(filter(self.forms.__contains__, _slips(word)), key=self._how_common, reverse=True)
        if not alike and not near and len(word) >= MIN_HEARD:
            near = [self._by_sound[slip] for slip in _slips(sound) if slip in self._by_sound]
            near.sort(key=self._how_common, reverse=True)
        return list(dict.fromkeys((*alike, *near)))[:MOST_GUESSES]

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


def _likeness(one: str, other: str) -> float:
    """Dice's coefficient of their groups of three letters, 0 to 1."""
    grams, others = trigrams(one), trigrams(other)
    return 2 * len(grams & others) / (len(grams) + len(others))
