"""What the knowledge has on a question, with the conversation's subject for questions that leave it out."""

from msgspec import Struct

from chalicelib.chat.cues import load
from chalicelib.chat.model import Message, Tail
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.search import Found, Hit, Index

SURE_EMERGENCY = 0.75  # confidence without a cue; below it "pessoa" alone would call the fire brigade
URGENT_TERMS = 2  # words that matter: "fogo", "cheiro de gás"; more of them tell a story that the cues know
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
    """Search `question`: what an entry is asked for word for word and emergencies before all, then its own subject or,
    failing that, the conversation's.
    """
    user_type, locale = tail.header.user_type, tail.header.locale
    said = index.said(question.content, user_type, locale)
    urgent = said if said and said.emergency else _emergency(index, question.content)
    if urgent:
        return Grounds(_first(urgent, index.search(question.content)), True)
    if said:
        return Grounds(index.search(question.content, user_type, locale), True)
    found = index.search(_without_price(question.content), user_type, locale)
    subject = _subject(index, tail, question)
    if subject and _leans_on(subject, index, question.content, found, threshold):
        together = index.search(f"{question.content} {subject.title}", user_type, locale)
        return Grounds(_first(subject, together), True, follow_up=True)
    return Grounds(found, _answers(index, found, question.content, threshold))


def _answers(index: Index, found: Found, question: str, threshold: float) -> bool:
    """Whether what was found is the answer. An emergency that no cue named must be all there is to the question."""
    if found.best and found.best.emergency:
        return found.confidence >= SURE_EMERGENCY and len(index.content_words(question)) <= URGENT_TERMS
    return found.answers(threshold)


def _emergency(index: Index, question: str) -> Entry | None:
    """The emergency that the wording names; knowing the words is surer than ranking them."""
    cues = load("emergencies")
    plain = cues.spelt_out(question)
    return next((index.entry(name) for name in cues.groups if cues.found(name, plain)), None)


def _without_price(question: str) -> str:
    """The question without its words for the price: what is left says the price of what."""
    facets = load("facets")
    return facets.without("price", facets.spelt_out(question))


def _subject(index: Index, tail: Tail, question: Message) -> Entry | None:
    """The entry behind the newest answer that had one."""
    earlier = (m for m in reversed(tail.messages) if m.seq < question.seq and m.sources)
    newest = next(earlier, None)
    return index.entry(newest.sources[0].entry_id) if newest else None


def _leans_on(subject: Entry, index: Index, question: str, found: Found, threshold: float) -> bool:
    cues = load("follow_ups")
    plain = cues.spelt_out(question)
    if subject.emergency and not index.mentions(subject, question):
        return False
    if cues.found("leaning", plain):
        return not cues.found("new_subject", plain)
    short = len(index.content_words(question)) <= FOLLOW_UP_TERMS
    return short and found.confidence < threshold and index.mentions(subject, question)


def _first(subject: Entry, found: Found) -> Found:
    """`found` with the conversation's subject at its head."""
    score = next((hit.score for hit in found.hits if hit.entry.id == subject.id), 0.0)
    others = tuple(hit for hit in found.hits if hit.entry.id != subject.id)
    return Found((Hit(subject, score), *others), found.confidence)
