"""Bringing the seed into the store: once, and again what a new release says differently.

What an administrator has changed, turned off or removed stays so. Safe to run again, and in several processes at once.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

import msgspec

from chalicelib.errors import Conflict
from chalicelib.knowledge.model import SEED, Change, Entry, changed, made
from chalicelib.knowledge.ports import KnowledgeStore

TRIES = 50  # each lost to somebody who did change the knowledge, most likely by bringing in the same seed


def sow(store: KnowledgeStore, seed: Sequence[Entry], at: int) -> int:
    """Bring in what is new in `seed` (`at`: milliseconds since 1970); how many entries that were.

    One small read when there is nothing to do. Raises Unavailable.
    """
    said = {entry.id: _saying(entry) for entry in seed}
    known = store.seeded()
    if said == known:
        return 0
    due = [entry for entry in seed if known.get(entry.id) != said[entry.id]]
    count = _bring_in(store, due, known, at)
    store.save_seeded({**known, **said})
    return count


def _bring_in(store: KnowledgeStore, due: Sequence[Entry], known: Mapping[str, str], at: int) -> int:
    for _ in range(TRIES):
        version = store.version() + 1
        present = {entry.id: entry for entry in store.entries()}  # at once: one by one, a start takes seconds longer
        possible = [_change(present.get(entry.id), entry, entry.id in known, at) for entry in due]
        changes = [change for change in possible if change]
        if not changes or store.apply(version, changes):
            return len(changes)
    raise Conflict


def _change(present: Entry | None, entry: Entry, known: bool, at: int) -> Change | None:
    """What the seed does to an entry; nothing where an administrator had a hand in it."""
    if present is None:
        return None if known else Change(None, made(entry.draft, entry.id, at, SEED))
    if present.updated_by != SEED or present.draft == entry.draft:
        return None
    return Change(present, changed(present, entry.draft, at, SEED))


def _saying(entry: Entry) -> str:
    return sha256(msgspec.json.encode(entry.draft)).hexdigest()[:16]
