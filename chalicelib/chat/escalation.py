"""When a person should take over: asked for outright, or plainly had enough."""

import re
from typing import Literal

from chalicelib.chat.cues import load
from chalicelib.chat.model import Message

Mood = Literal["none", "mild", "strong", "person"]

SHOUTED_WORDS = 2
MANY_SOFT = 3  # soft signs are one together, and two from here on
_CLAUSE_ENDS = re.compile(r"[,;:.\n]+(?!\d)")
_QUOTED = re.compile(r'["“«][^"”»]*["”»]')  # somebody else's words
REMEMBERED = 6  # newest messages in which an earlier mild sign still counts


def mood_of(message: str) -> Mood:
    """`person`: asks for one. `strong`: a strong sign or two mild ones. `mild`: one mild sign, only noted."""
    cues = load("escalation")
    plain = cues.spelt_out(message)
    if cues.found("person", plain):
        return "person"
    signs = _signs(message)
    return "strong" if signs >= 2 else "mild" if signs == 1 else "none"


def mood_among(message: str, before: tuple[Message, ...]) -> Mood:
    """The mood of a message after others: a second mild sign shortly after a first is a strong one.

    What was before somebody of the team had the conversation, or was shown the way to them, is settled.
    """
    mood = mood_of(message)
    if mood != "mild":
        return mood
    for earlier in reversed(before[-REMEMBERED:]):
        if earlier.kind == "released" or earlier.escalated:
            return mood
        if earlier.provenance and earlier.provenance.escalation == "mild":
            return "strong"
    return mood


def _signs(message: str) -> int:
    """How many signs of frustration there are, of the kinds of cues/frustration.toml; a strong one counts two."""
    cues = load("frustration")
    said = _QUOTED.sub(" ", message)
    plain = cues.spelt_out(said)
    clauses = [cues.spelt_out(clause) for clause in _CLAUSE_ENDS.split(said)]
    strong, mild, soft = (sum(cues.count(group, one) for one in clauses) for group in ("strong", "mild", "soft"))
    cheerful, orders, asks = cues.count("cheer", plain) > 0, cues.mentions("order", plain), cues.mentions("ask", plain)
    if cues.mentions("aside", plain):
        strong, mild, soft = max(0, strong - 1), 0, 0
    if cheerful:
        mild, soft = max(0, mild - 1), 0
    soft = 0 if orders else max(0, soft - asks)
    signs = 2 * strong + mild + min(1, soft) + (soft >= MANY_SOFT)
    if signs:
        return signs + (cues.mentions("louder", plain) or _shouted(message))
    excused = cheerful or orders or asks or cues.mentions("aside", plain) or cues.mentions("home", plain)
    return int(not excused and cues.count("hint", plain) > 0)


def _shouted(message: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", message)
    return len(words) >= SHOUTED_WORDS and all(word.isupper() for word in words)
