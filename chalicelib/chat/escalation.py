"""When a person should take over: asked for outright, or plainly had enough."""

from typing import Literal

from chalicelib.chat import signs
from chalicelib.chat.cues import load
from chalicelib.chat.model import Message
from chalicelib.chat.tone import Tone, tone_of

Mood = Literal["none", "mild", "strong", "person"]

# How far below 0 the tone may be where the cues found a sign, and where they found many: few words give the model
# little to go by. Set on writers it was not fitted to (bench/fit_tone.py).
DOUBTED, STRONGLY_DOUBTED = 1.0, 1.2
REMEMBERED = 6  # newest messages in which an earlier mild sign still counts


def mood_of(message: str) -> Mood:
    """`person`: asks for one. `strong`: has had enough. `mild`: is displeased, which is only noted."""
    cues = load("escalation")
    plain = cues.spelt_out(message)
    if cues.found("person", plain):
        return "person"
    found = signs.count(message)
    return mood_by(tone_of(message, found), found)


def mood_by(tone: Tone, found: int) -> Mood:
    """The mood of a message with that tone, in which the cues found that many signs."""
    if tone.strongly > (-STRONGLY_DOUBTED if found >= signs.MANY else 0):
        return "strong"
    return "mild" if tone.displeased > (-DOUBTED if found else 0) else "none"


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
