"""When a person should take over: asked for outright, or plainly had enough."""

import re
from typing import Literal

from chalicelib.chat.cues import Cues, load
from chalicelib.chat.model import Message

Mood = Literal["none", "mild", "strong", "person"]

SHOUTED_WORDS = 2
REMEMBERED = 6  # newest messages in which an earlier mild sign still counts


def mood_of(message: str) -> Mood:
    """`person`: asks for one. `strong`: a strong sign or two mild ones. `mild`: one mild sign, only noted."""
    cues = load("escalation")
    plain = cues.spelt_out(message)
    if cues.found("person", plain):
        return "person"
    signs = _signs(cues, plain, message)
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


def _signs(cues: Cues, plain: str, message: str) -> int:
    """How many signs of frustration there are; a strong one counts two."""
    mild, aside = cues.count("mild", plain), cues.mentions("aside", plain)
    strong = 0 if aside else 2 * cues.count("strong", plain)
    if mild and not aside:
        mild += cues.mentions("louder", plain) + _shouted(message)
    return strong + max(0, mild - cues.mentions("calm", plain))


def _shouted(message: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", message)
    return len(words) >= SHOUTED_WORDS and all(word.isupper() for word in words)
