"""Cues: what in a message's wording tells its intent or its mood, kept as data beside this file.

A cue is a regular expression over folded text (lower case, no accents, chat shorthand spelt out).
"""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from chalicelib.chat.cues.spelling import Spelling
from chalicelib.knowledge.language import fold

# Between a "no" and what it denies only such words stand: "não resolve, que merda" denies nothing of the second part.
_BETWEEN = (
    r"e|eh|era|foi|fui|ser|esta|estou|estava|ta|to|fiquei|fica|fico|ficou|achei|acho|tenho|tem|teve|tive|ter|quero"
    r"|queria|vou|vai|preciso|precisa|mais|muito|tao|nada|do|de|da|que|um|uma|uns|o|a|me|se|so|para|pra|com|por"
    r"|is|are|am|be|been|a|an|the|so|very|really|need|needed|want|to"
)
_NEGATED = re.compile(rf"\b(nao|nem|nunca|jamais|sem|zero|not|never|no|don.?t)( ({_BETWEEN})){{0,3}} $")

_SLOT = re.compile(r"\{([a-z_]+)\}")


class Cues:
    """The cues of one file: named groups of expressions."""

    def __init__(self, name: str) -> None:
        table = tomllib.loads((files(__name__) / f"{name}.toml").read_text("utf-8"))
        self._symbols = table.pop("symbols", {})
        self._shorthand = {re.compile(rf"\b{short}\b"): full for short, full in table.pop("shorthand", {}).items()}
        spelling = table.pop("spelling", {})
        self._spelling = Spelling(*(spelling[kind].split() for kind in ("masked", "slips"))) if spelling else None
        slots = table.pop("slots", {})
        self._groups = {group: [_compiled(cue, slots) for cue in found] for group, found in table.items()}

    def spelt_out(self, text: str) -> str:
        """Folded text with single spaces, shorthand and symbols written in full."""
        for symbol, full in self._symbols.items():
            text = text.replace(symbol, f" {full} ")
        folded = fold(text)
        plain = self._spelling.put_right(folded) if self._spelling else folded
        plain = " ".join(re.sub(r"[^\w\s?!]", " ", plain).split())
        for short, full in self._shorthand.items():
            plain = short.sub(full, plain)
        return plain

    def found(self, group: str, text: str) -> list[str]:
        """What in `text` (already spelt out) matches the group's cues, negated ones left out."""
        matches = (cue.search(text) for cue in self._groups[group])
        return [m.group() for m in matches if m and not _denied(text, m)]

    def count(self, group: str, text: str) -> int:
        """How many places of `text` (already spelt out) match the group's cues, negated ones left out.

        Words that several cues are about count once.
        """
        spans = sorted(m.span() for cue in self._groups[group] for m in cue.finditer(text) if not _denied(text, m))
        count, end = 0, -1
        for begins, ends in spans:
            count += begins >= end
            end = max(end, ends)
        return count

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


def _compiled(cue: str, slots: dict[str, str]) -> re.Pattern[str]:
    """A cue's expression; where its file has slots: with them filled in, gaps and stems written out."""
    if not slots:
        return re.compile(cue)
    while _SLOT.search(cue):
        cue = _SLOT.sub(lambda named: slots[named[1]], cue)
    cue = cue.replace(" .. ", r" (\w+ ){0,4}").replace("~", r"\w*")
    begins = "" if cue.startswith(("^", "(^", r"\b")) else r"\b"
    ends = "" if cue.endswith(("$", "*", "+", r"\b", "}")) else r"(?!\w)"
    return re.compile(f"{begins}(?:{cue}){ends}" if "|" in cue else f"{begins}{cue}{ends}")


def _denied(text: str, found: re.Match[str]) -> bool:
    return bool(_NEGATED.search(text[: found.start()]))


@lru_cache
def load(name: str) -> Cues:
    return Cues(name)
