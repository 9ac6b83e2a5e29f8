"""Entries cut into passages: pieces of a bounded length, in words that are numbers."""

from array import array
from collections.abc import Iterable, Iterator

from msgspec import Struct

from chalicelib.knowledge.language import Language, sentences, words
from chalicelib.knowledge.model import Entry

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
        self.stem_of = array("I")  # by the number of the form
        self.stop_words = len(self.read(" ".join(sorted(language.stop_words))))

    def __missing__(self, word: str) -> int:
        self.stem_of.append(self.stems[self.language.stem(word)])
        return super().__missing__(word)

    def read(self, text: str) -> list[int]:
        """The numbers of the words in `text`."""
        return [self[word] for word in words(text)]


class Passage(Struct, frozen=True):
    """A title and sentences, as numbers of forms and stems; alternative questions and keywords are sentences too.

    `ends`: where each sentence ends in `forms` and `stems`, which are of one length.
    """

    entry: int
    title: "array[int]"
    title_stems: "array[int]"
    forms: "array[int]"
    stems: "array[int]"
    ends: "array[int]"

    def length(self, number: int) -> int:
        """How many words one sentence has."""
        return self.ends[number] - (self.ends[number - 1] if number else 0)

    def sentence(self, number: int) -> "array[int]":
        """The forms of one sentence."""
        return self.forms[self.ends[number - 1] if number else 0 : self.ends[number]]


def cut(entry: Entry, position: int, lexicon: Lexicon) -> Iterator[Passage]:
    """The passages of the entry at `position`; the first has its questions and keywords."""
    title = array("I", lexicon.read(entry.title))
    stem_of = lexicon.stem_of
    for read in _pieces(lexicon.read(text) for text in _texts(entry)):
        forms, ends = array("I"), array("I")
        for sentence in read:
            forms.extend(sentence)
            ends.append(len(forms))
        stems = array("I", [stem_of[form] for form in forms])
        yield Passage(position, title, array("I", [stem_of[form] for form in title]), forms, stems, ends)


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
