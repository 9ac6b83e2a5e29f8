"""What the knowledge has on a question, with the conversation's subject or the page's where it leaves its own out."""

from msgspec import Struct

from chalicelib.chat.cues import load
from chalicelib.chat.model import Message, Tail
from chalicelib.chat.pages import kind_of, path_of
from chalicelib.chat.texts import text
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.search import Found, Hit, Index

SURE_EMERGENCY = 0.75  # confidence without a cue; below it "pessoa" alone would call the fire brigade
URGENT_TERMS = 2  # words that matter: "fogo", "cheiro de gás"; more of them tell a story that the cues know
FOLLOW_UP_TERMS = 4  # a question with at most this many words that matter may leave its subject out
SURE_ENOUGH = 0.45  # confidence below which an answer is given with its doubt
SURE = 0.6  # confidence of a question that has a subject of its own
CERTAIN = 0.9  # confidence of one that has its own though its wording leads on from the last
LIFT = 0.2  # of the confidence, by the title of the subject that a question leaves out
MOSTLY = 2 / 3  # of the weight of a question's words, that an emergency must have to go on being the subject
MORE = 0.25  # of the weight of a question's words, by which an entry has more of them than another


class Grounds(Struct, frozen=True):
    """The entries found for a question, and whether they answer it.

    `follow_up`: it leaned on the last answer; `literal`: the best one has it among its own questions, word for word.
    """

    found: Found
    answerable: bool
    follow_up: bool = False
    literal: bool = False

    @property
    def entry(self) -> Entry | None:
        return self.found.best if self.answerable else None

    @property
    def doubtful(self) -> bool:
        """Whether the entry is the best guess and no more."""
        if self.entry is None or self.entry.emergency:
            return False
        return not (self.literal or self.follow_up) and self.found.confidence < SURE_ENOUGH


def search(index: Index, tail: Tail, question: Message, threshold: float) -> Grounds:
    """Search `question`: what an entry is asked for word for word and emergencies before all, then its own subject or,
    failing that, the conversation's or the page's.
    """
    user_type, locale = tail.header.user_type, tail.header.locale
    urgent = emergency(index, question.content)
    if urgent:
        return Grounds(_first(urgent, index.search(question.content)), True)
    if index.said(question.content, user_type, locale):
        return Grounds(index.search(question.content, user_type, locale), True, literal=True)
    found = index.search(_bare(question.content), user_type, locale)
    subject = _subject(index, tail, question, threshold)
    if subject:
        together = index.search(f"{question.content} {subject.title}", user_type, locale)
        if _leans_on(subject, index, question.content, found, together):
            return Grounds(_first(subject, together), True, follow_up=True)
    return Grounds(found, _answers(index, found, question.content, threshold))


def _answers(index: Index, found: Found, question: str, threshold: float) -> bool:
    """Whether what was found is the answer. An emergency that no cue named must be all there is to the question."""
    if found.best and found.best.emergency:
        words = index.content_words(question)
        return found.confidence >= SURE_EMERGENCY and len(words) <= URGENT_TERMS and all(map(index.uses, words))
    return found.answers(threshold)


def emergency(index: Index, question: str) -> Entry | None:
    """The emergency that the wording names; knowing the words is surer than ranking them."""
    said = index.said(question)
    if said and said.emergency:
        return said
    cues = load("emergencies")
    plain = cues.spelt_out(question)
    return next((index.entry(name) for name in cues.groups if cues.found(name, plain)), None)


def _bare(question: str) -> str:
    """The question without its words for the price and for a slip: what is left says of what, and what was meant."""
    facets = load("facets")
    return facets.without("slip", facets.without("price", facets.spelt_out(question)))


def _subject(index: Index, tail: Tail, question: Message, threshold: float) -> Entry | None:
    """The entry behind the newest answer that had one, or the page's: before all where the page is named."""
    cues = load("follow_ups")
    earlier = (m for m in reversed(tail.messages) if m.seq < question.seq and m.sources)
    newest = next(earlier, None)
    if newest is None or cues.found("page", cues.spelt_out(question.content)):
        return _subject_of_page(index, tail, question, threshold)
    return index.entry(newest.sources[0].entry_id)


def _subject_of_page(index: Index, tail: Tail, question: Message, threshold: float) -> Entry | None:
    """The entry that the page's own name finds: the last part of its address, or that it has failed."""
    page = question.page or tail.header.page
    if kind_of(page) == "error":
        name = text(tail.header.locale, "page.failed")
    else:
        name = path_of(page).rstrip("/").rpartition("/")[2].replace("-", " ")
    found = index.search(name, tail.header.user_type, tail.header.locale)
    return found.best if name and found.answers(threshold) else None


def _leans_on(subject: Entry, index: Index, question: str, alone: Found, together: Found) -> bool:
    """Whether `question` leaves its subject out. What it finds `alone` and `together` with the subject's title tells
    where its wording does not: "e para instalar?" after a cleaning names one, "leva quantos dias?" none.
    """
    cues = load("follow_ups")
    plain = cues.spelt_out(question)
    if (subject.emergency and index.covers(subject, question) < MOSTLY) or cues.found("new_subject", plain):
        return False
    if cues.found("bare", plain) or cues.found("page", plain):
        return True
    if cues.found("leaning", plain):
        if alone.confidence >= CERTAIN:
            return False
        said = index.covers(subject, question) + MORE
        return alone.confidence < SURE or not alone.best or index.covers(alone.best, question) <= said
    short = len(index.content_words(question)) <= FOLLOW_UP_TERMS and index.mentions(subject, question)
    return short and alone.confidence < min(SURE, together.confidence - LIFT) and together.best == subject


def _first(subject: Entry, found: Found) -> Found:
    """`found` with the conversation's subject at its head."""
    score = next((hit.score for hit in found.hits if hit.entry.id == subject.id), 0.0)
    others = tuple(hit for hit in found.hits if hit.entry.id != subject.id)
    return Found((Hit(subject, score), *others), found.confidence)
