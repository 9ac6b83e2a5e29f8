"""The index that a process answers from, and how it follows what administrators change.

A process asks for the knowledge's version every LOOK_SECONDS at most, when somebody needs the index, and reads the
knowledge when that has moved: from the published snapshot where there is one of that version, else from the store, and
then it publishes one.
"""

import threading
import zlib
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from chalicelib.errors import Unavailable
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.ports import Blobs, Bulletin, KnowledgeStore
from chalicelib.knowledge.search import Index

LOOK_SECONDS = 3.0
SNAPSHOT = "knowledge-snapshot"


class Knowledge(Struct, frozen=True):
    """What a process knows: an index of all active entries, and the knowledge's version that it has at least."""

    version: int
    index: Index


class Snapshot(Struct, frozen=True):
    version: int
    entries: tuple[Entry, ...]


class Follower:
    """Keeps the newest knowledge at hand. Thread-safe; one thread reads what is new, the others go on meanwhile."""

    def __init__(
        self,
        store: KnowledgeStore,
        blobs: Blobs,
        bulletin: Bulletin,
        build: Callable[[Sequence[Entry]], Index],
        monotonic: Callable[[], float],
        log: Callable[[str], object],
    ) -> None:
        """Nothing is read yet."""
        self._store = store
        self._blobs = blobs
        self._bulletin = bulletin
        self._build = build
        self._monotonic = monotonic
        self._log = log
        self._known: Knowledge | None = None
        self._due = 0.0
        self._lock = threading.Lock()

    def current(self) -> Knowledge:
        """The knowledge as of LOOK_SECONDS ago or newer; older only while the store does not answer.

        Raises Unavailable when nothing was ever read.
        """
        known = self._known
        if known is None:
            return self.refresh()
        if self._monotonic() >= self._due and self._lock.acquire(blocking=False):
            try:
                return self._look()
            except Unavailable:
                return known
            finally:
                self._lock.release()
        return known

    def refresh(self) -> Knowledge:
        """The knowledge as it is now. Raises Unavailable."""
        with self._lock:
            return self._look()

    def _look(self) -> Knowledge:
        """Called with the lock held."""
        self._due = self._monotonic() + LOOK_SECONDS
        version = self._store.version()  # before the entries, so that they are of this version or newer
        if self._known is None or self._known.version != version:
            self._bulletin.changed(version)  # in case whoever changed it died before saying so
            self._known = Knowledge(version, self._build(self._read(version)))
        return self._known

    def _read(self, version: int) -> Sequence[Entry]:
        published = _decoded(self._blobs.get(SNAPSHOT))
        if published and published.version == version:
            return published.entries
        entries = tuple(self._store.entries(active=True))
        if not self._blobs.put(SNAPSHOT, _encoded(Snapshot(version, entries))):
            self._log("the snapshot of the knowledge cannot be kept, so each process reads the store when it starts")
        return entries


def _encoded(snapshot: Snapshot) -> bytes:
    return zlib.compress(msgspec.json.encode(snapshot), 1)


def _decoded(data: bytes | None) -> Snapshot | None:
    """None for anything that is no snapshot of ours: a release before or after this one may have written it."""
    try:
        return msgspec.json.decode(zlib.decompress(data), type=Snapshot) if data else None
    except (zlib.error, msgspec.DecodeError):
        return None
