"""Which answers may be shared between people, and under what key.

An answer is shared only when nobody could tell for whom it was written: the question stands alone, every word of it
that matters is one the knowledge uses, and it is answered without history, name, page or preferences. Two questions
share an answer when they differ only in manners, spelling, word order and the synonyms that administrators keep.
"""

import re
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from chalicelib.chat import prompts
from chalicelib.chat.answers import Plan
from chalicelib.chat.contact import contact_line
from chalicelib.chat.cues import load
from chalicelib.chat.model import Answer, Message, Tail
from chalicelib.chat.ports import Keepsake, Ports, Share
from chalicelib.chat.retrieval import Grounds
from chalicelib.knowledge.following import Knowledge
from chalicelib.knowledge.search import Index

_PARTICULARS = ("included", "price", "duration", "manner", "place", "time")
_GENERAL_HOW_TO = {"+manner", "+place"}
_NEGATIONS = {"nao", "nem", "ou", "sem"}
_RELATIONS = {"com", "so", "mais", "menos", "ate", "entre", "outro", "outra", "antes", "depois", "dentro", "fora"}
_GENERIC = "servic"  # "o serviço" beside any other subject
_PEOPLE = frozenset(("client", "prestador"))  # with both, who does what to whom is in the order, which is not kept
_VAGUE = frozenset(("agend", "prestador", _GENERIC))  # subjects of half the questions there are


def signature(index: Index, question: str) -> tuple[str, ...] | None:
    """What a question asks, however it is worded; None when its answer may not be shared."""
    cues = load("sharing")
    plain = cues.spelt_out(question).rstrip("?! ")
    if cues.mentions("personal", plain):
        return None
    owned = cues.mentions("possessive", plain)
    wording = cues.without("filler", plain)
    plain, particulars = _particulars(wording)
    if owned and not particulars & _GENERAL_HOW_TO:
        return None
    roots = _roots(index, cues.without("noise", plain))
    if roots is None:
        return None
    said = particulars | roots
    if roots and said - _VAGUE:
        return tuple(sorted(said)) if len(roots & _PEOPLE) <= 1 else None
    # Too general for its roots: shared by those who use the very same words, and not when it is about somebody.
    return ("=", *wording.split()) if wording.split() and not roots & _PEOPLE else None


def share(
    ports: Ports, knowledge: Knowledge, tail: Tail, question: Message, grounds: Grounds, planned: Plan
) -> Share | None:
    """Under what the answer is shared; None when it is not.

    The key holds everything that shapes an answer: question, user type, locale, knowledge, prompts, model, names.
    """
    if not ports.settings.cache_ttl_seconds or planned.fixed or not planned.sources or grounds.follow_up:
        return None
    index = knowledge.index
    asked = signature(index, question.content)
    if asked is None or planned.mood != "none":
        return None
    header, settings = tail.header, ports.settings
    names = (settings.assistant_name, settings.site_url, contact_line(settings, header.locale))
    version = (knowledge.version, index.version, prompts.version())
    told = (asked, header.user_type, header.locale, version, ports.model().name, names)
    return Share(sha256(msgspec.json.encode(told)).hexdigest(), knowledge.version)


def alone(tail: Tail) -> Tail:
    """The conversation without anything of its own, for an answer that others may get."""
    return Tail(replace(tail.header, name="", preferences={}, page=None), ())


def keepsake(ports: Ports, index: Index, share: Share | None, question: Message, reply: Message) -> Keepsake | None:
    """A whole, new answer to share, unless it has a word that only this question could have put there."""
    if share is None or reply.cached or reply.finish != "complete":
        return None
    words = {word for word in re.findall(r"\w+", question.content.casefold()) if len(word) > 2}
    said = set(re.findall(r"\w+", reply.content.casefold()))
    if any(word in said and not index.uses(word) for word in words):
        return None
    answer = Answer(reply.content, reply.actions, reply.sources, reply.suggestions)
    return Keepsake(share.key, answer, ports.settings.cache_ttl_seconds)


def _particulars(plain: str) -> tuple[str, set[str]]:
    cues = load("sharing")
    found = set()
    for group in _PARTICULARS:
        if cues.mentions(group, plain):
            found.add(f"+{group}")
            plain = cues.without(group, plain)
    return plain, found


def _roots(index: Index, plain: str) -> set[str] | None:
    """The roots that matter, each as the one word that stands for its synonyms; None when one is unknown."""
    terms = index.subjects(plain)
    if terms is None:
        return None
    kept = {word for word in re.findall(r"[a-z0-9]+", plain) if word in _NEGATIONS | _RELATIONS or word.isdigit()}
    return {*kept, *(term for term in terms if term != _GENERIC or len(terms) == 1)}
