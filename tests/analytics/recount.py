"""Every figure counted again from whole conversations, the plain way: no hours, no facts, nothing merged."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.chat.model import Message
from demo.fortnight import Conversation

DAY_MS = 86_400_000
SMALL_TALK = {"greeting", "gratitude", "goodbye", "help", "acknowledgement"}


class Recount:
    """`figures(of, kind)`: of the days that `of` accepts and a user type ("": all), as at `as_of`."""

    def __init__(self, conversations: Sequence[Conversation], as_of: int, zone: str = "America/Sao_Paulo") -> None:
        self._all = conversations
        self._as_of = as_of
        self._zone = ZoneInfo(zone)
        self._next = {c.header.earlier.session_id: c for c in conversations if c.header.earlier}

    def figures(self, of: Callable[[date], bool], kind: str = "") -> dict[str, Any]:
        mine = [c for c in self._all if kind in ("", c.header.user_type)]
        said = [m for c in mine for m in c.messages if of(self._day(m.at))]
        done = [n for c in mine for n in c.notes if n.kind == "action" and of(self._day(n.at))]
        begun = [c for c in mine if of(self._day(c.header.created_at))]
        replies = [m for m in said if m.in_reply_to]
        return {
            **_of_replies(replies),
            "messages": Counter(m.sender for m in said),
            "actions": Counter(n.target_kind for n in done),
            "turns_by_hour": self._places(m.at for m in replies),
            **self._of_conversations(begun),
        }

    def _of_conversations(self, begun: list[Conversation]) -> dict[str, Any]:
        outcomes = {c.header.session_id: self.outcome(c) for c in begun}
        topics = {c.header.session_id: {s.entry_id for m in c.messages for s in m.sources} for c in begun}
        verdicts = [n.helpful for c in begun for n in c.notes if n.kind == "feedback"]
        bad = {one for one, ended in outcomes.items() if ended in ("unresolved", "reopened")}
        asked = [c for c in begun if any(m.in_reply_to for m in c.messages)]
        return {
            "sessions": len(begun),
            "outcomes": Counter(outcomes.values()),
            "escalations": Counter(why for c in begun for why in _escalations(c)[:1]),
            "helpful": verdicts.count(True),
            "unhelpful": verdicts.count(False),
            "ratings": Counter(str(n.rating) for c in begun for n in c.notes if n.kind == "rating"),
            "session_topics": Counter(t for some in topics.values() for t in some),
            "unresolved_topics": Counter(t for one in bad for t in topics[one]),
            "sessions_by_hour": self._places(c.header.created_at for c in begun),
            "duration": [_replied(c)[-1].at - _replied(c)[0].at for c in asked],
        }

    def outcome(self, one: Conversation) -> str:
        replies = _replied(one)
        real = [m for m in replies if not _small_talk(m)]
        if not real:
            return "nothing_asked"
        verdicts = sorted((n.at, n.helpful) for n in one.notes if n.kind == "feedback")
        stars = [n.rating for n in one.notes if n.rating]
        happy = bool(verdicts) and verdicts[-1][1] and verdicts[-1][0] >= real[-1].at
        if _escalations(one) or (verdicts and not verdicts[-1][1]) or (stars and stars[-1] <= 2):
            return "unresolved"
        if not (_good(real[-1]) or happy):
            return "unresolved"
        if self._reopened(one, replies):
            return "reopened"
        return "confirmed" if happy else "assumed" if self._as_of > replies[-1].at + DAY_MS else "open"

    def _reopened(self, one: Conversation, replies: list[Message]) -> bool:
        later = self._next.get(one.header.session_id)
        first = next(iter(_replied(later)), None) if later else None
        if first is None:
            return False
        pause = first.at - replies[-1].at
        shared = {s.entry_id for s in first.sources} & {s.entry_id for m in replies for s in m.sources}
        return 0 <= pause <= DAY_MS or (0 <= pause <= 7 * DAY_MS and bool(shared))

    def _day(self, at: int) -> date:
        return datetime.fromtimestamp(at / 1000, self._zone).date()

    def _places(self, moments: Iterable[int]) -> Counter[str]:
        times = (datetime.fromtimestamp(at / 1000, self._zone) for at in moments)
        return Counter(f"{at.weekday() + 1}-{at.hour}" for at in times)


def _of_replies(replies: list[Message]) -> dict[str, Any]:
    came = [m.provenance for m in replies if m.provenance]
    return {
        "turns": len(replies),
        "finishes": Counter(m.finish for m in replies),
        "intents": Counter(p.intent for p in came),
        "topics": Counter(s.entry_id for m in replies for s in m.sources),
        "cached": sum(m.cached for m in replies),
        "unknown": sum(not p.known for p in came),
        "failures": Counter(f for p in came for f in p.failures),
        "response": [p.waited_ms + p.timings["written"] for p in came],
        "first_words": [p.waited_ms + p.timings["first_delta"] for p in came],
        "prompt_tokens": sum(p.prompt_tokens for p in came),
        "reply_tokens": sum(p.reply_tokens for p in came),
        "cost_micro_usd": sum(round(p.cost_usd * 1_000_000) for p in came),
    }


def _replied(one: Conversation) -> list[Message]:
    return [m for m in one.messages if m.in_reply_to]


def _small_talk(reply: Message) -> bool:
    return bool(reply.provenance) and reply.provenance.intent in SMALL_TALK and not reply.sources


def _good(reply: Message) -> bool:
    came = reply.provenance
    return bool(came) and came.known and came.intent != "complaint" and reply.finish != "cancelled"


def _escalations(one: Conversation) -> list[str]:
    return [m.provenance.escalation for m in one.messages if m.escalated and m.provenance]
