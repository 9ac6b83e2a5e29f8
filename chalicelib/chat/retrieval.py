"""What the knowledge has on a question, with the conversation's subject for questions that leave it out."""

from msgspec import Struct

from chalicelib.chat.cues import load
from chalicelib.chat.model import Message, Tail
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.search import Found, Hit, Index

SURE_EMERGENCY = 0.51  # confidence; below it "pessoa" or "primeira" alone would call the fire brigade
FOLLOW_UP_TERMS = 2  # a question with at most this many words that matter may lean on what was said before


class Grounds(Struct, frozen=True):
    """The entries found for a question, and whether they answer it. `follow_up`: it leaned on the last answer."""

    found: Found
    answerable: bool
    follow_up: bool = False

    @property
    def entry(self) -> Entry | None:
        return self.found.best if self.answerable else None


def search(index: Index, tail: Tail, question: Message, threshold: float) -> Grounds:
    """Search `question`; one without a subject of its own is searched with that of the last answer."""
    user_type = tail.header.user_type
    found = index.search(question.content, user_type)
    subject = _subject(index, tail, question)
    if subject and _leans_on(subject, index, question.content, found, threshold):
        together = index.search(f"{question.content} {subject.title}", user_type)
        return Grounds(_first(subject, together), True, follow_up=True)
    least = max(threshold, SURE_EMERGENCY) if found.best and found.best.emergency else threshold
    return Grounds(found, found.confidence >= least)


def _subject(index: Index, tail: Tail, question: Message) -> Entry | None:
    """The entry behind the newest answer that had one."""
    earlier = (m for m in reversed(tail.messages) if m.seq < question.seq and m.sources)
    newest = next(earlier, None)
    return index.entry(newest.sources[0].entry_id) if newest else None


def _leans_on(subject: Entry, index: Index, question: str, found: Found, threshold: float) -> bool:
    cues = load("follow_ups")
    plain = cues.spelt_out(question)
    if cues.found("leaning", plain):
        return not cues.found("new_subject", plain)
    short = len(index.terms(question)) <= FOLLOW_UP_TERMS
    return short and found.confidence < threshold and index.mentions(subject, question)


def _first(subject: Entry, found: Found) -> Found:
    """`found` with the conversation's subject at its head."""
    score = next((hit.score for hit in found.hits if hit.entry.id == subject.id), 0.0)
    others = tuple(hit for hit in found.hits if hit.entry.id != subject.id)
    return Found((Hit(subject, score), *others), found.confidence)
