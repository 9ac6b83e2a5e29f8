"""What administrators do with the knowledge. Every change keeps what it replaces and moves the knowledge's version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.errors import Conflict, Invalid, NotFound, Stale
from chalicelib.knowledge.language import fold
from chalicelib.knowledge.model import MAX_CONTENT_BYTES, Change, Draft, Entry, changed, made
from chalicelib.knowledge.ports import Bulletin, KnowledgeStore

FOLLOW_SECONDS = 5.0  # in which every process follows a change
TRIES = 10  # of a change that others get in the way of
MOST_LOOKED_AT = 1_000  # entries for one page of a list; a page may be shorter than was asked for
MOST_CHARACTERS = 1_000_000  # of contents in a page, or it would not fit in the 6 MB of an answer of Lambda


@dataclass(frozen=True)
class Library:
    """The knowledge and what changing it needs; `now` in milliseconds since 1970, `wait` in seconds."""

    store: KnowledgeStore
    bulletin: Bulletin
    now: Callable[[], int]
    new_id: Callable[[], str]
    wait: Callable[[float], None]


class Entries(Struct, frozen=True, rename="camel"):
    """Some entries by id; `next_cursor` leads to more, None when there are none."""

    items: tuple[Entry, ...]
    next_cursor: str | None = None


def listed(
    library: Library, *, category: str = "", active: bool | None = None, q: str = "", cursor: str = "", limit: int
) -> Entries:
    """Entries of a category, active or not, that have all words of `q` somewhere."""
    sought, found, looked_at = fold(q).split(), list[Entry](), 0
    while True:
        some = library.store.entries(cursor, limit, category, active)
        for entry in some:
            cursor = entry.id
            if _has(entry, sought):
                found.append(entry)
            if len(found) == limit or sum(len(one.content) for one in found) > MOST_CHARACTERS:
                return Entries(tuple(found), cursor)
        looked_at += len(some)
        if len(some) < limit or looked_at >= MOST_LOOKED_AT:
            return Entries(tuple(found), cursor if len(some) == limit else None)


def get(library: Library, entry_id: str) -> Entry:
    """Raises NotFound."""
    entry = library.store.entry(entry_id)
    if entry is None:
        raise NotFound
    return entry


def versions(library: Library, entry_id: str, *, before: int, limit: int) -> Entries:
    """An entry's versions smaller than `before` (0: all), newest first, the present one among them. Raises NotFound."""
    present = get(library, entry_id)
    before = min(before or present.version + 1, present.version + 1)
    first = (present,) if before > present.version else ()
    found = (*first, *library.store.earlier(entry_id, min(before, present.version), limit + 1))
    return Entries(found[:limit], str(found[limit - 1].version) if len(found) > limit else None)


def create(library: Library, draft: Draft, who: str) -> Entry:
    check(draft)
    entry = made(draft, library.new_id(), library.now(), who)
    _make(library, entry.id, lambda before: entry)
    return entry


def update(library: Library, entry_id: str, version: int, draft: Draft, who: str) -> Entry:
    """Replace version `version` of an entry. Raises NotFound, Stale, and Conflict for an emergency taken away."""
    check(draft)
    return _replace(library, entry_id, version, lambda before: draft, who)


def deactivate(library: Library, entry_id: str, version: int, who: str) -> Entry:
    """The assistant no longer answers from it; it is kept. Raises as `update` does."""

    def inactive(before: Entry) -> Draft:
        return replace(before.draft, active=False)

    return _replace(library, entry_id, version, inactive, who)


def restore(library: Library, entry_id: str, version: int, wanted: int, who: str) -> Entry:
    """Make an earlier version's words the newest version. Raises as `update` does, NotFound also without `wanted`."""

    def earlier(before: Entry) -> Draft:
        if wanted == before.version:
            return before.draft
        found = library.store.earlier(entry_id, wanted + 1, 1)
        if not found or found[0].version != wanted:
            raise NotFound(fields=("version",))
        return found[0].draft

    return _replace(library, entry_id, version, earlier, who)


def purge(library: Library, entry_id: str, version: int) -> None:
    """Remove an entry and every version of it. Raises as `update` does."""

    def gone(before: Entry | None) -> None:
        present = _expected(before, version)
        if present.emergency:
            raise Conflict

    _make(library, entry_id, gone)


def _replace(library: Library, entry_id: str, version: int, draft_of: Callable[[Entry], Draft], who: str) -> Entry:
    def next_version(before: Entry | None) -> Entry:
        present = _expected(before, version)
        after = changed(present, draft_of(present), library.now(), who)
        if present.emergency and not after.active:
            raise Conflict  # what to do when gas leaks is not for turning off; its words may be changed
        return after

    done = _make(library, entry_id, next_version)
    assert done is not None
    return done


def _make(library: Library, entry_id: str, decide: Callable[[Entry | None], Entry | None]) -> Entry | None:
    """Decide on the entry as it is and store what was decided, again while others change the knowledge meanwhile."""
    for _ in range(TRIES):
        version = library.store.version() + 1
        before = library.store.entry(entry_id)
        after = decide(before)
        if publish(library, version, (Change(before, after),)):
            return after
    raise Conflict


def publish(
    library: Library, version: int, changes: Sequence[Change], progress: Callable[[int], object] = lambda stored: None
) -> bool:
    """Make the knowledge's version `version` of these changes, and let everybody know; False as `apply` does."""
    told = library.bulletin.changing(version)
    if not library.store.apply(version, changes, progress):
        return False
    library.bulletin.changed(version)
    if not told:  # so nobody refuses answers from before: wait until nobody has the knowledge from before
        library.wait(FOLLOW_SECONDS)
    return True


def _expected(entry: Entry | None, version: int) -> Entry:
    if entry is None:
        raise NotFound
    if entry.version != version:
        raise Stale
    return entry


def check(draft: Draft) -> None:
    """What no schema says of a draft. Raises Invalid."""
    if len(draft.content.encode()) > MAX_CONTENT_BYTES:
        raise Invalid({"content": f"holds at most {MAX_CONTENT_BYTES} bytes of UTF-8"})


def _has(entry: Entry, words: list[str]) -> bool:
    if not words:
        return True
    text = fold(" ".join((entry.id, entry.title, entry.content, *entry.questions, *entry.keywords)))
    return all(word in text for word in words)
