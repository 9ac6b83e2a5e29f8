"""What the assistant would find for a question, for administrators to try."""

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.knowledge.explanations import Reading, Reason
from chalicelib.knowledge.model import Category, Locale, UserType
from chalicelib.knowledge.search import Hit, Index

LOOKED_AT = 50  # entries, of which those that do not fit are left out
SNIPPET = 300  # characters


class Search(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """`explain`: say of each entry why it was found, and how each word of the question was taken."""

    query: Annotated[str, Meta(min_length=1, max_length=2000)]
    limit: Annotated[int, Meta(ge=1, le=20)] = 5
    category: Category | None = None
    user_type: UserType = "anonymous"
    locale: Locale | None = None
    explain: bool = False


class Result(Struct, frozen=True, rename="camel", omit_defaults=True):
    """`snippet` is the beginning of the paragraph that fits best."""

    entry_id: str
    version: int
    score: float
    title: str
    snippet: str
    why: Reason | None = None


class Results(Struct, frozen=True, rename="camel", omit_defaults=True):
    """Best first; `confidence` (0–1) is that of the first, `answerable` whether it would be given as the answer."""

    items: tuple[Result, ...]
    answerable: bool
    confidence: float
    readings: tuple[Reading, ...] = ()


def search(index: Index, sought: Search, threshold: float) -> Results:
    """Find as the assistant does; `threshold` is the least confidence of an answer."""
    found = index.search(sought.query, sought.user_type, sought.locale or "", LOOKED_AT)
    fitting = [hit for hit in found.hits if _fits(hit, sought)][: sought.limit]
    told = index.explain(sought.query, sought.user_type, sought.locale or "", LOOKED_AT) if sought.explain else None
    why = {reason.entry_id: reason for reason in told.reasons} if told else {}
    items = tuple(_result(index, hit, sought.query, why.get(hit.entry.id)) for hit in fitting)
    sure = found.confidence if fitting and fitting[0] == found.hits[0] else 0.0
    return Results(items, bool(items) and sure >= threshold, sure, told.readings if told else ())


def _fits(hit: Hit, sought: Search) -> bool:
    return sought.category in (None, hit.entry.category) and sought.locale in (None, hit.entry.locale)


def _result(index: Index, hit: Hit, query: str, why: Reason | None) -> Result:
    entry, snippet = hit.entry, index.best_paragraph(hit.entry, query)[:SNIPPET]
    return Result(entry.id, entry.version, hit.score, entry.title, snippet, why)
