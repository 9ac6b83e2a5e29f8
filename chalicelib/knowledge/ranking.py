"""How well a passage answers a question: a handful of plain measures.

Each is 0 for a passage that has nothing of the question, and is divided by what the question weighs, so that long and
short questions are measured alike.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import chain, compress, count

from chalicelib.knowledge.passages import Passage, Words
from chalicelib.knowledge.vocabulary import Meaning, Vocabulary

MEASURES = (
    "title",  # BM25 of the title
    "whole",  # BM25 of title and text together
    "kindred_whole",  # once more, counting synonyms and words of one family
    "sentence_covered",  # the share of the question that one sentence has
    "title_likeness",  # cosine with the title
    "as_written",  # BM25 of the words unstemmed
    "letters_covered",  # the share of the question's groups of three letters that is there
    "title_letters",  # cosine with the title by groups of three letters
    "sentence_letters",  # and with the most similar sentence
)
K1 = 1.2  # of BM25; its length counts in full, for a passage that only is longer proves no more
SATURATED = K1 + 1  # what BM25 makes of a word at most
FEW = 6  # words that tell a subject; with so few, stop words tell questions apart
ENOUGH = 4  # of them that entries have, to find candidates without the stop words, which nearly all passages have
BEST_SENTENCES = 2  # that are compared letter by letter


class Asked:
    """A question, read: what its words mean, what they weigh, and which stems stand for which of them."""

    def __init__(self, question: Sequence[str], vocabulary: Vocabulary) -> None:
        read = [vocabulary.meaning(word) for word in question]
        meant = [meaning.corrected or meaning.word for meaning in read]
        meanings: dict[int | str, Meaning] = {}
        for meaning in read:
            meanings.setdefault(meaning.word if meaning.stem is None else meaning.stem, meaning)
        self.wording = " ".join(meant)
        self.all_meanings = (*meanings.values(), *vocabulary.phrases(self.wording))
        telling = tuple(meaning for meaning in self.all_meanings if not meaning.light)
        self.meanings = telling if len(telling) > FEW else self.all_meanings  # "who are you" is all stop words
        found = sum(bool(meaning.fits) for meaning in telling)
        self.telling = telling if found > ENOUGH else self.all_meanings
        self.weights = [meaning.weight for meaning in self.meanings]
        self.mass = sum(self.weights)
        self.norm = math.hypot(*self.weights)
        self.letters = vocabulary.letters.asked(meant)
        self.by_stem: dict[int, list[tuple[int, float, bool]]] = {}
        for place, meaning in enumerate(self.meanings):
            for stem, fit in meaning.fits.items():
                self.by_stem.setdefault(stem, []).append((place, fit, stem == meaning.stem))
        known = {form for word in meant if (form := vocabulary.forms.get(word)) is not None}
        unknown = {word for word in meant if word not in vocabulary.forms}
        self.forms = {form: vocabulary.form_weights[form] for form in known}
        self.form_mass = sum(self.forms.values()) + vocabulary.rarest * len(unknown)


class Measurer:
    """Measures the passages of one shelf."""

    def __init__(self, passages: Sequence[Passage], vocabulary: Vocabulary) -> None:
        self._passages, self._vocabulary = passages, vocabulary
        number = len(passages) or 1
        self._title_norms = [self._norm(passage.title_stems) for passage in passages]
        self._title_length = sum(len(passage.title) for passage in passages) / number or 1.0
        self._length = self._title_length + sum(len(passage.forms) for passage in passages) / number

    def measure(self, asked: Asked, number: int) -> tuple[float, ...]:
        """The MEASURES of one passage."""
        passage, letters = self._passages[number], self._vocabulary.letters
        in_title, kin_in_title = _found_in_title(asked, passage)
        here, kin_here, sentences = _found(asked, passage)
        short = K1 * len(passage.title) / self._title_length
        long = K1 * (len(passage.title) + len(passage.forms)) / self._length
        title = whole = kindred_whole = likeness = 0.0
        for weight, exact_title, kin_title, exact, kin in zip(
            asked.weights, in_title, kin_in_title, here, kin_here, strict=True
        ):
            if fit := kin_title + kin:
                kindred_whole += weight * fit / (fit + long)
                if times := exact_title + exact:
                    whole += weight * times / (times + long)
                if kin_title:
                    title += weight * exact_title / (exact_title + short)
                    likeness += weight * weight * kin_title
        sentences.sort(key=lambda one: (-one[0], passage.length(one[1])))  # of two that say it, the shorter
        similar = [letters.like_sentence(asked.letters, number, n) for _, n in sentences[:BEST_SENTENCES]]
        return (
            SATURATED * title / asked.mass,
            SATURATED * whole / asked.mass,
            SATURATED * kindred_whole / asked.mass,
            sentences[0][0] / asked.mass if sentences else 0.0,
            likeness / ((asked.norm * self._title_norms[number]) or 1.0),
            SATURATED * _written(asked, passage, long) / asked.form_mass,
            letters.covered(asked.letters, number),
            letters.like_title(asked.letters, number),
            max(similar, default=0.0),
        )

    def _norm(self, stems: Words) -> float:
        return math.sqrt(sum(self._vocabulary.weights[stem] ** 2 for stem in set(stems)))


def _found_in_title(asked: Asked, passage: Passage) -> tuple[list[float], list[float]]:
    """How often each meaning's own stem is in the title, and how well the best that stands for it fits."""
    exact, kindred = [0.0] * len(asked.meanings), [0.0] * len(asked.meanings)
    for stem in passage.title_stems:
        for place, fit, own in asked.by_stem.get(stem, ()):
            exact[place] += own
            kindred[place] = max(fit, kindred[place])
    return exact, kindred


def _found(asked: Asked, passage: Passage) -> tuple[list[float], list[float], list[tuple[float, int]]]:
    """The same for the text, fits summed; and what each sentence has of the question, with its number."""
    by_stem, ends = asked.by_stem, passage.ends
    exact, kindred = [0.0] * len(asked.meanings), [0.0] * len(asked.meanings)
    by_sentence: dict[int, dict[int, float]] = {}
    sentence: dict[int, float] = {}
    stems, end = passage.stems, 0
    for position in compress(count(), map(by_stem.__contains__, stems)):
        if position >= end:
            number = bisect_right(ends, position)
            end = ends[number]
            sentence = by_sentence[number] = {}
        for place, fit, own in by_stem[stems[position]]:
            exact[place] += own
            kindred[place] += fit
            if fit > sentence.get(place, 0.0):
                sentence[place] = fit
    weights = asked.weights
    shares = [(sum([weights[place] * fit for place, fit in fits.items()]), n) for n, fits in by_sentence.items()]
    return exact, kindred, shares


def _written(asked: Asked, passage: Passage, long: float) -> float:
    times = Counter(filter(asked.forms.__contains__, chain(passage.title, passage.forms)))
    return sum(asked.forms[form] * often / (often + long) for form, often in times.items())
