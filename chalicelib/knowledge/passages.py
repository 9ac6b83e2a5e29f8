"""Entries cut into passages: pieces of a bounded length, in words that are numbers."""

from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, pairwise

from msgspec import Struct

from chalicelib.knowledge.language import Language, sentences
from chalicelib.knowledge.model import Entry

Words = tuple[int, ...]  # numbers that are shared, and faster to go through than an array's

MAX_WORDS = 400  # of a passage; most entries are one


class Numbers(dict[str, int]):
    """Words numbered in the order in which they were first looked up."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


class Lexicon(Numbers):
    """The numbers of words as they are written (folded: forms), and of the stem of each. Stop words come first."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self.language = language
        self.stems = Numbers()
        self.stem_of: list[int] = []  # by the number of the form
        self.read(" ".join(sorted(language.stop_words)))
        self.stop_words = len(self)

    def __missing__(self, word: str) -> int:
        self.stem_of.append(self.stems[self.language.stem(word)])
        return super().__missing__(word)

    def read(self, text: str) -> list[int]:
        """The numbers of the words in `text`."""
        return [self[word] for word in self.language.words(text)]


class Reader(dict[str, list[int]]):
    """Reads long texts fast: what stands between two spaces is looked at once, however often it comes."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self.lexicon = lexicon

    def __missing__(self, written: str) -> list[int]:
        numbers = self[written] = self.lexicon.read(written)
        return numbers

    def read(self, text: str) -> list[int]:
        """The numbers of the words in `text`."""
        return [number for written in text.split() for number in self[written]]


class Passage(Struct, frozen=True):
    """A title and sentences, as numbers of forms and stems; alternative questions and keywords are sentences too.

    `ends`: where each sentence ends in `forms` and `stems`, which are of one length.
    """

    entry: int
    title: Words
    title_stems: Words
    forms: Words
    stems: Words
    ends: "array[int]"

    def length(self, number: int) -> int:
        """How many words one sentence has."""
        return self.ends[number] - self._beginning(number)

    def sentences(self) -> Iterator[Words]:
        """The forms of each sentence."""
        return (self.forms[start:end] for start, end in pairwise((0, *self.ends)))

    def _beginning(self, number: int) -> int:
        return self.ends[number - 1] if number else 0


def cut(entry: Entry, position: int, reader: Reader) -> Iterator[Passage]:
    """The passages of the entry at `position`; the first has its questions and keywords."""
    title = tuple(reader.read(entry.title))
    stem_of = reader.lexicon.stem_of.__getitem__
    title_stems = tuple(map(stem_of, title))
    for read in _pieces(reader.read(text) for text in _texts(entry)):
        forms = tuple(chain.from_iterable(read))
        ends = array("I", accumulate(map(len, read)))
        yield Passage(position, title, title_stems, forms, tuple(map(stem_of, forms)), ends)


def _texts(entry: Entry) -> Iterator[str]:
    yield from entry.questions
    yield from entry.keywords
    yield from sentences(entry.content)
    yield from entry.steps


def _pieces(read: Iterable[list[int]]) -> Iterator[list[list[int]]]:
    """Sentences gathered until a passage is full; one that is longer than a passage is cut."""
    piece: list[list[int]] = []
    room = MAX_WORDS
    for sentence in read:
        for start in range(0, len(sentence), MAX_WORDS):
            part = sentence[start : start + MAX_WORDS]
            if len(part) > room:
                yield piece
                piece, room = [], MAX_WORDS
            piece.append(part)
            room -= len(part)
    yield piece
