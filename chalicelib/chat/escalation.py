"""When a person should take over: asked for outright, or plainly had enough."""

from typing import Literal

from chalicelib.chat.cues import load

Mood = Literal["none", "mild", "strong", "person"]

SHOUTED_WORDS = 5


def mood_of(message: str) -> Mood:
    """`person`: asks for one. `strong`: a strong sign or two mild ones. `mild`: one mild sign, only noted."""
    cues = load("escalation")
    plain = cues.spelt_out(message)
    if cues.found("person", plain):
        return "person"
    mild = len(cues.found("mild", plain)) + _shouted(message)
    if cues.found("strong", plain) or mild >= 2:
        return "strong"
    return "mild" if mild else "none"


def _shouted(message: str) -> bool:
    words = [word for word in message.split() if len(word) > 1 and word.isalpha()]
    return len(words) >= SHOUTED_WORDS and all(word.isupper() for word in words)
