"""Cues: what in a message's wording tells its intent or its mood, kept as data beside this file.

A cue is a regular expression over folded text (lower case, no accents, chat shorthand spelt out).
"""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from chalicelib.knowledge.language import fold

_NEGATED = re.compile(r"\b(nao|nem|nunca|sem|not|never|no)( \w+){0,2} $")


class Cues:
    """The cues of one file: named groups of expressions."""

    def __init__(self, name: str) -> None:
        table = tomllib.loads((files(__name__) / f"{name}.toml").read_text("utf-8"))
        self._shorthand = {re.compile(rf"\b{short}\b"): full for short, full in table.pop("shorthand", {}).items()}
        self._groups = {group: [re.compile(cue) for cue in found] for group, found in table.items()}

    def spelt_out(self, text: str) -> str:
        """Folded text with single spaces and shorthand written in full."""
        plain = " ".join(re.sub(r"[^\w\s?!]", " ", fold(text)).split())
        for short, full in self._shorthand.items():
            plain = short.sub(full, plain)
        return plain

    def found(self, group: str, text: str) -> list[str]:
        """What in `text` (already spelt out) matches the group's cues, negated ones left out."""
        matches = (cue.search(text) for cue in self._groups[group])
        return [m.group() for m in matches if m and not _NEGATED.search(text[: m.start()])]

    def mentions(self, group: str, text: str) -> bool:
        """Whether any of the group's cues is in `text` (already spelt out), negated or not."""
        return any(cue.search(text) for cue in self._groups[group])

    @property
    def groups(self) -> list[str]:
        return list(self._groups)

    def without(self, group: str, text: str) -> str:
        """`text` (already spelt out) with everything the group's cues match taken out."""
        for cue in self._groups[group]:
            text = cue.sub(" ", text)
        return " ".join(text.split())


@lru_cache
def load(name: str) -> Cues:
    return Cues(name)
