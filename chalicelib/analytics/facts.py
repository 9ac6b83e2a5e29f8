"""What a conversation leaves behind for counting: when, by whom, how it went. Never its words.

A fact is part of an item that is written anyway, so it is kept exactly as often as what it is about, and nothing that
happens later changes it. Times are milliseconds since 1970 UTC.
"""

from typing import Literal

from msgspec import Struct

Kind = Literal["message", "reply", "feedback", "rating", "action"]

HOUR_MS = 3_600_000


class Earlier(Struct, frozen=True):
    """The conversation that the same person had before."""

    session_id: str
    started_at: int


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of anybody (`reply`: the outcome of a question), or something done about the conversation.

    `name` tells what is one of its kind from what replaces it: a message id, or the note's key.
    """

    kind: Kind
    name: str
    session_id: str
    started_at: int  # of the conversation
    at: int
    user_type: str

    sender: str = ""  # of messages and replies
    opening: bool = False  # the conversation begins with it

    # of replies
    intent: str = ""
    small_talk: bool = False  # a greeting, thanks and the like: nothing that could be answered badly
    known: bool = False  # the knowledge had something on it
    entries: tuple[str, ...] = ()  # that the answer was made from: its topics
    finish: str = ""
    cached: bool = False
    failures: tuple[str, ...] = ()
    response_ms: int | None = None  # from the question's acceptance to the whole reply
    first_ms: int | None = None  # and to its first words
    prompt_tokens: int = 0
    reply_tokens: int = 0
    cost_usd: float = 0.0
    escalation: str = ""  # why a person was brought in
    earlier: Earlier | None = None  # of the first reply

    helpful: bool | None = None
    stars: int | None = None
    action: str = ""


def hour_of(at: int) -> int:
    """Whole hours since 1970 UTC."""
    return at // HOUR_MS
