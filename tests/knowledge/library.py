"""A library of one's own: a store in memory, a clock that stands still, a bulletin that remembers."""

import itertools

from chalicelib.adapters.sqlite_knowledge import SQLiteKnowledge
from chalicelib.knowledge.entries import Library
from chalicelib.knowledge.model import Change, Draft, Entry
from chalicelib.knowledge.ports import KnowledgeStore

AT = 1_800_000_000_000


class Heard:
    """Remembers what was said and, like a Redis that is gone, can be deaf."""

    def __init__(self) -> None:
        self.said: list[tuple[str, int]] = []
        self.deaf = False

    def changing(self, version: int) -> bool:
        self.said.append(("changing", version))
        return not self.deaf

    def changed(self, version: int) -> bool:
        self.said.append(("changed", version))
        return not self.deaf


class Shelf:
    """A library and what there is to look at from outside."""

    def __init__(self, store: KnowledgeStore | None = None) -> None:
        self.store = store or SQLiteKnowledge(None)
        self.bulletin = Heard()
        self.waited: list[float] = []
        names = (f"e{number:03d}" for number in itertools.count(1))
        self.library = Library(self.store, self.bulletin, lambda: AT, lambda: next(names), self.waited.append)

    def put(self, *entries: Entry) -> None:
        assert self.store.apply(self.store.version() + 1, [Change(None, entry) for entry in entries])


def draft(title: str = "Limpeza", **parts: object) -> Draft:
    return Draft(**{"category": "service", "title": title, "content": "A faxina custa R$ 150.", **parts})  # type: ignore[arg-type]
