"""What the assistant would find for a question, for administrators to try."""

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.knowledge.model import Category, Locale, UserType
from chalicelib.knowledge.search import Hit, Index

LOOKED_AT = 50  # entries, of which those that do not fit are left out
SNIPPET = 300  # characters


class Search(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    query: Annotated[str, Meta(min_length=1, max_length=2000)]
    limit: Annotated[int, Meta(ge=1, le=20)] = 5
    category: Category | None = None
    user_type: UserType = "anonymous"
    locale: Locale | None = None


class Result(Struct, frozen=True, rename="camel"):
    """`snippet` is the beginning of the paragraph that fits best."""

    entry_id: str
    version: int
    score: float
    title: str
    snippet: str


class Results(Struct, frozen=True, rename="camel"):
    """Best first; `confidence` (0–1) is that of the first, `answerable` whether it would be given as the answer."""

    items: tuple[Result, ...]
    answerable: bool
    confidence: float


def search(index: Index, sought: Search, threshold: float) -> Results:
    """Find as the assistant does; `threshold` is the least confidence of an answer."""
    found = index.search(sought.query, sought.user_type, sought.locale or "", LOOKED_AT)
    fitting = [hit for hit in found.hits if _fits(hit, sought)][: sought.limit]
    items = tuple(_result(index, hit, sought.query) for hit in fitting)
    sure = found.confidence if fitting and fitting[0] == found.hits[0] else 0.0
    return Results(items, bool(items) and sure >= threshold, sure)


def _fits(hit: Hit, sought: Search) -> bool:
    return sought.category in (None, hit.entry.category) and sought.locale in (None, hit.entry.locale)


def _result(index: Index, hit: Hit, query: str) -> Result:
    entry = hit.entry
    return Result(entry.id, entry.version, hit.score, entry.title, index.best_paragraph(entry, query)[:SNIPPET])
