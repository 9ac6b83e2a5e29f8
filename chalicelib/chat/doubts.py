"""The questions behind replies that knew nothing, or that somebody called unhelpful, found by the hours' facts."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Literal

from chalicelib.analytics.facts import Fact
from chalicelib.chat.model import place_of
from chalicelib.chat.ports import Sessions
from chalicelib.knowledge.unanswered import Doubt

FEEDBACK = "feedback#"  # what a note's key begins with; the reply's id follows
READERS = 8  # a bucket is a request of its own where the store is DynamoDB
NEAR = 10  # messages among which a question's reply is; one further away came after a crash

Reason = Literal["unanswered", "unhelpful"]


def doubts(
    sessions: Sessions, facts: Callable[[int], Iterable[Fact]], hours: Iterable[int], user_type: str = ""
) -> Iterator[Doubt]:
    """Of those hours since 1970 UTC: the facts say which replies, and only their questions are read."""
    with ThreadPoolExecutor(READERS) as pool:
        told = chain.from_iterable(pool.map(lambda hour: list(facts(hour)), hours))
        found = _doubtful(fact for fact in told if user_type in ("", fact.user_type))
        read = pool.map(lambda one: _doubt(sessions, *one), found.items())
        yield from (doubt for doubt in read if doubt)


def _doubtful(facts: Iterable[Fact]) -> dict[str, Reason]:
    """The replies that knew nothing, and those whose last word of feedback is that they did not help."""
    found: dict[str, Reason] = {}
    feedback: dict[str, Fact] = {}
    for fact in facts:
        if fact.kind == "reply" and _knew_nothing(fact):
            found[fact.name] = "unanswered"
        elif fact.kind == "feedback":
            name = fact.name.removeprefix(FEEDBACK)
            feedback[name] = max(feedback.get(name, fact), fact, key=lambda one: one.at)
    for name, fact in feedback.items():
        if fact.helpful is False:
            found.setdefault(name, "unhelpful")
    return found


def _knew_nothing(fact: Fact) -> bool:
    """Of what is no small talk, no wish for a person, and was not taken back."""
    return not (fact.known or fact.small_talk or fact.escalation or fact.finish == "cancelled")


def _doubt(sessions: Sessions, reply_id: str, reason: Reason) -> Doubt | None:
    """None for what nobody asked: a greeting may be called unhelpful, too."""
    session_id, seq, _ = place_of(reply_id)
    told = sessions.after(session_id, seq - 1, NEAR)
    question = next((one for one in told if one.seq == seq and one.sender == "user"), None)
    reply = next((one for one in told if one.message_id == reply_id), None)
    if question is None:
        return None
    return Doubt(question.content, question.at, reason, reply.sources[0].entry_id if reply and reply.sources else "")
