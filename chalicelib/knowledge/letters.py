"""Texts as groups of three letters: what is left of a word that is misspelt or in another form.

Each group is a bit of a whole number, so that how many groups two texts share is one `&` and a count.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from itertools import chain, compress, pairwise
from operator import and_, or_

from msgspec import Struct

from chalicelib.knowledge.passages import Numbers, Passage

SAMPLE = 500  # passages that tell how rare a group is


class AskedLetters(Struct, frozen=True):
    """A question's groups.

    `inside`: those within its words, as bits; `size`: how many they are, with those that the shelf does not have.
    `places`, `bits` and `weights`: the byte and the bit at which a passage has each group, and what it weighs; `mass`:
    what all of them weigh.
    """

    inside: int
    size: int
    places: tuple[int, ...]
    bits: tuple[int, ...]
    weights: tuple[float, ...]
    mass: float


class Letters:
    """The groups of all words (`written`, by their numbers) and passages of a shelf."""

    def __init__(self, written: Sequence[str], passages: Sequence[Passage]) -> None:
        self._numbers = Numbers()
        words = [self._bits(trigrams(word)) for word in written]
        firsts, lasts = [word[0] for word in written], [word[-1] for word in written]
        joints = _Joints(self._bits)

        def united(forms: Iterable[int]) -> int:
            return reduce(or_, map(words.__getitem__, forms), 0)

        self._titles = [united(passage.title) for passage in passages]
        self._sentences = [list(map(united, passage.sentences())) for passage in passages]
        joined = []
        for passage, title, sentences in zip(passages, self._titles, self._sentences, strict=True):
            text = (*passage.title, *passage.forms)
            follow = {(lasts[one], firsts[other]) for one, other in pairwise(text)}
            joined.append(reduce(or_, chain(sentences, map(joints.__getitem__, follow)), title))
        size = len(self._numbers) // 8 + 1
        self._passages = [bits.to_bytes(size, "little") for bits in joined]
        texts = (chain(passage.title, passage.forms) for passage in passages[:: len(passages) // SAMPLE + 1])
        sample = [_groups([written[form] for form in text]) for text in texts]
        counts = Counter(chain.from_iterable(sample))
        self._weights = [_rareness(counts[group], len(sample)) for group in self._numbers]
        self._rarest = _rareness(0, len(sample))
        self._word = lru_cache(maxsize=20_000)(self._read)

    def asked(self, words: Sequence[str]) -> AskedLetters:
        """The groups of a question's words."""
        read = [self._word(word) for word in set(words)]
        inside = frozenset[int]().union(*(known for known, _ in read))
        strange = frozenset[str]().union(*(unknown for _, unknown in read))
        between = set(_between(words))
        joints = {self._numbers[group] for group in between if group in self._numbers}
        numbers = (*inside, *joints)
        weights = tuple(map(self._weights.__getitem__, numbers))
        return AskedLetters(
            inside=sum(1 << number for number in inside),
            size=len(inside) + len(strange),
            places=tuple([number >> 3 for number in numbers]),
            bits=tuple([1 << (number & 7) for number in numbers]),
            weights=weights,
            mass=sum(weights) + self._rarest * (len(strange) + len(between) - len(joints)),
        )

    def covered(self, asked: AskedLetters, passage: int) -> float:
        """The share of the question's groups that a passage has, rare ones counting more; 0 to 1."""
        has = map(and_, map(self._passages[passage].__getitem__, asked.places), asked.bits)
        return sum(compress(asked.weights, has)) / (asked.mass or 1.0)

    def like_title(self, asked: AskedLetters, passage: int) -> float:
        """The cosine of the groups within the question's words and within a title's; 0 to 1."""
        return _cosine(asked, self._titles[passage])

    def like_sentence(self, asked: AskedLetters, passage: int, sentence: int) -> float:
        """The same for one sentence of a passage."""
        return _cosine(asked, self._sentences[passage][sentence])

    def _bits(self, groups: Iterable[str]) -> int:
        return sum(1 << number for number in {self._numbers[group] for group in groups})

    def _read(self, word: str) -> tuple[frozenset[int], frozenset[str]]:
        """The groups of one word of a question: those that the shelf has, by their numbers, and the others."""
        groups = trigrams(word)
        known = groups & self._numbers.keys()
        return frozenset(map(self._numbers.__getitem__, known)), groups - known


class _Joints(dict[tuple[str, str], int]):
    """The bits of a last letter and the next word's first."""

    def __init__(self, bits: Callable[[Iterable[str]], int]) -> None:
        super().__init__()
        self._bits = bits

    def __missing__(self, ends: tuple[str, str]) -> int:
        bits = self[ends] = self._bits([" ".join(ends)])
        return bits


def _cosine(asked: AskedLetters, these: int) -> float:
    shared = (asked.inside & these).bit_count()
    return shared / math.sqrt(asked.size * these.bit_count()) if shared else 0.0


def _groups(words: Sequence[str]) -> frozenset[str]:
    """All groups within words and where one follows another."""
    return frozenset(chain(_between(words), *map(trigrams, words)))


def _between(words: Sequence[str]) -> Iterator[str]:
    """The groups where one word follows another: "de casa" has "e c"."""
    return (f"{one[-1]} {other[0]}" for one, other in pairwise(words))


def _rareness(count: int, passages: int) -> float:
    return math.log(1 + (passages - count + 0.5) / (count + 0.5))


@lru_cache(maxsize=50_000)
def trigrams(word: str) -> frozenset[str]:
    """All groups of three letters of a word, its beginning weighing most."""
    padded = f"  {word} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))
