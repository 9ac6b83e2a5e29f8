"""Words of a language: folded, stemmed, and sorted by whether they tell subjects apart."""

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

_WORD = re.compile(r"[a-z0-9]{1,40}")  # nobody means a longer one, and each costs time by its length
_MARKS = dict.fromkeys(range(0x300, 0x370))  # what NFKD leaves of accents
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_END = re.compile(r"[.!?]\s+|\n+")


def fold(text: str) -> str:
    """Lower case without accents: "Elétrica" → "eletrica"."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text.casefold()).translate(_MARKS)


def sentences(text: str) -> list[str]:
    """What stands between full stops, and between lines."""
    return [sentence for sentence in _END.split(text) if sentence.strip()]


class Language:
    """Stop words, question words, shorthand and stems of one locale, from its file beside this one."""

    def __init__(self, locale: str) -> None:
        table = tomllib.loads((files(__name__) / f"{locale}.toml").read_text("utf-8"))
        self.stop_words = frozenset(table["stop_words"].split())
        self._empty = self.stop_words | frozenset(table["question_words"].split())
        self._shorthand = {short: full.split() for short, full in table["shorthand"].items()}
        self._accented = [(re.compile(f"{plain}$"), accented) for plain, accented in table["accented"].items()]
        self._sounds: list[list[str]] = table["sounds"]
        self._stemmer = TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer(table["stemmer"])).build()
        self.stem = lru_cache(maxsize=20_000)(self._stem)  # people use the same few thousand words

    def words(self, text: str) -> list[str]:
        """The folded words of `text` as they are meant: "Pq vc demorouuu?" → ["porque", "voce", "demorou"]."""
        plain = _DRAWN_OUT.sub(r"\1", fold(text))
        return [word for written in _WORD.findall(plain) for word in self._shorthand.get(written, (written,))]

    def content_words(self, text: str) -> list[str]:
        """The words that name a subject, in order."""
        return [word for word in self.words(text) if word not in self._empty]

    def terms(self, text: str) -> list[str]:
        """Their stems: "Como pintar a parede?" → ["pint", "pared"]."""
        return [self.stem(word) for word in self.content_words(text)]

    def sound(self, word: str) -> str:
        """A folded word roughly as it is heard: "faxineira" and "fachineira" are one."""
        for written, heard in self._sounds:
            word = word.replace(written, heard)
        return word

    def _stem(self, word: str) -> str:
        """The stem of a folded word, without accents; a word that names nothing stays as it is.

        The stemmer knows endings by their accents, and people leave those out: they are restored first.
        """
        if word in self._empty:
            return word
        for plain, accented in self._accented:
            word = plain.sub(accented, word)
        return fold(self._stemmer.analyze(word)[0])


@lru_cache
def of(locale: str) -> Language:
    """The language of `locale`. Raises FileNotFoundError for one that has no file here."""
    return Language(locale)
