"""Words of a language, cut down to what tells subjects apart."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

_WORD = re.compile(r"[a-z0-9]+")
MIN_ROOT = 3


def fold(text: str) -> str:
    """Lower case without accents: "Elétrica" → "eletrica"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


class Language:
    """Stop words and endings of one locale, from its file beside this one."""

    def __init__(self, locale: str) -> None:
        table = tomllib.loads((files(__name__) / f"{locale}.toml").read_text("utf-8"))
        self._stop_words = frozenset(table["stop_words"].split())
        self._endings = sorted(set(table["endings"].split()), key=len, reverse=True)
        self.root = lru_cache(maxsize=20_000)(self._root)  # people use the same few thousand words

    def terms(self, text: str) -> list[str]:
        """The roots of the words that matter, in order: "Quanto custa pintar?" → ["quant", "cust", "pint"]."""
        return [self.root(word) for word in words(text) if word not in self._stop_words]

    def _root(self, word: str) -> str:
        for ending in self._endings:
            if word.endswith(ending) and len(word) - len(ending) >= MIN_ROOT:
                return word[: -len(ending)]
        return word


@lru_cache
def of(locale: str) -> Language:
    return Language(locale)


def trigrams(word: str) -> Iterator[str]:
    padded = f"  {word} "
    return (padded[i : i + 3] for i in range(len(padded) - 2))
