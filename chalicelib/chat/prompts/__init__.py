"""What the model is told: who it is, whom it speaks with, where they are, what the knowledge says."""

from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from chalicelib.chat import greetings, pages
from chalicelib.chat.contact import contact_line
from chalicelib.chat.model import Message, Tail
from chalicelib.chat.ports import Prompt
from chalicelib.chat.retrieval import Grounds
from chalicelib.knowledge.model import Entry
from chalicelib.settings import Settings

FILES = ("persona", "client", "provider", "anonymous")
MAX_HISTORY_CHARACTERS = 24_000
_ROLES = {"user": "user", "assistant": "assistant", "operator": "assistant"}


def build(settings: Settings, tail: Tail, question: Message, grounds: Grounds, grounded: str) -> Prompt:
    """The whole prompt for one question; `grounded` is the answer that needs no model."""
    header = tail.header
    name = greetings.called(header)
    contact = contact_line(settings, header.locale)
    parts = [
        _file("persona").format(assistant=settings.assistant_name, locale=header.locale, contact=contact),
        _file(header.user_type).format(name=name),
        _page_block(question, tail),
        _preferences_block(header.preferences),
        _knowledge_block(grounds),
    ]
    return Prompt(
        system="\n\n".join(part for part in parts if part),
        turns=(*_history(tail, question, settings.max_history_messages), ("user", question.content)),
        grounded=grounded,
        version=version(),
    )


@lru_cache
def version() -> str:
    """A short name for the present wording of all prompts."""
    return sha256("".join(map(_file, FILES)).encode()).hexdigest()[:8]


@lru_cache
def _file(name: str) -> str:
    return (files(__name__) / f"{name}.md").read_text("utf-8").strip()


def _page_block(question: Message, tail: Tail) -> str:
    page = question.page or tail.header.page
    if page is None:
        return ""
    return f"PÁGINA em que a pessoa está (tipo: {pages.kind_of(page)}): {page.title} {page.url}"


def _preferences_block(preferences: dict[str, str]) -> str:
    known = "; ".join(f"{name}: {value}" for name, value in sorted(preferences.items()))
    return f"SABE-SE DA PESSOA: {known}" if known else ""


def _knowledge_block(grounds: Grounds) -> str:
    if not grounds.answerable:
        return "CONHECIMENTO: nada foi encontrado sobre esta pergunta."
    return "CONHECIMENTO:\n\n" + "\n\n".join(_entry_block(hit.entry) for hit in grounds.found.hits)


def _entry_block(entry: Entry) -> str:
    lines = [f"### {entry.title}", entry.content.strip()]
    lines += [f"Passo {n}: {step}" for n, step in enumerate(entry.steps, 1)]
    lines += [f"Preço: {entry.price}"] if entry.price else []
    lines += [f"Quem faz: {entry.providers}"] if entry.providers else []
    lines += [f"Link: [{link.label}]({link.url})" for link in entry.links]
    return "\n".join(lines)


def _history(tail: Tail, question: Message, most: int) -> list[tuple[str, str]]:
    """The newest messages before the question that fit, oldest first."""
    before = [m for m in tail.messages if m.seq < question.seq and m.sender in _ROLES and m.content]
    budget = MAX_HISTORY_CHARACTERS
    turns: list[tuple[str, str]] = []
    for message in reversed(before[-most:]):
        budget -= len(message.content)
        if budget < 0:
            break
        turns.insert(0, (_ROLES[message.sender], message.content))
    return turns
