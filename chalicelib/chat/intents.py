"""What a message wants, from its wording alone: fast, explainable, and good enough to choose a path."""

from typing import Literal

from chalicelib.chat.cues import load

Intent = Literal[
    "complaint",
    "provider_question",
    "payment",
    "navigation_help",
    "service_inquiry",
    "goodbye",
    "gratitude",
    "identity",
    "introduction",
    "help",
    "greeting",
    "acknowledgement",
    "general",
]

_SUBJECTS: tuple[Intent, ...] = (
    "complaint",
    "provider_question",
    "navigation_help",
    "payment",
    "service_inquiry",
)
ALONE: tuple[Intent, ...] = ("identity", "introduction", "acknowledgement")  # that the knowledge is not asked about
MANNERS: tuple[Intent, ...] = (
    "goodbye",
    "gratitude",
    "identity",
    "introduction",
    "help",
    "greeting",
    "acknowledgement",
)


def classify(message: str) -> Intent:
    """The first intent whose cues are there: what it is about comes before how it is said."""
    cues = load("intents")
    plain = cues.spelt_out(message)
    return next((intent for intent in (*_SUBJECTS, *MANNERS) if cues.found(intent, plain)), "general")
