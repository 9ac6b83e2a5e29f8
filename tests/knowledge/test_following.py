"""Every process follows a change, reads as little as it can, and goes on when the store does not answer."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from chalicelib.adapters.blobs import DirectoryBlobs, MemoryBlobs
from chalicelib.adapters.sqlite_knowledge import SQLiteKnowledge
from chalicelib.errors import Unavailable
from chalicelib.knowledge import entries
from chalicelib.knowledge.following import LOOK_SECONDS, SNAPSHOT, Follower
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.ports import Blobs
from chalicelib.knowledge.search import Index
from tests.knowledge.library import Shelf, draft


class Counting(SQLiteKnowledge):
    """Counts what is asked of it, and can be gone."""

    def __init__(self) -> None:
        super().__init__(None)
        self.looks = self.reads = 0
        self.gone = False

    def version(self) -> int:
        if self.gone:
            raise Unavailable
        self.looks += 1
        return super().version()

    def entries(
        self, after: str = "", limit: int | None = None, category: str = "", active: bool | None = None
    ) -> list[Entry]:
        self.reads += 1
        return super().entries(after, limit, category, active)


class Process:
    """A follower of a shelf; processes of one shelf share its store and its blobs."""

    def __init__(self, shelf: Shelf, blobs: Blobs) -> None:
        self.seconds = 0.0
        self.logged: list[str] = []
        self.follower = Follower(shelf.store, blobs, shelf.bulletin, Index, lambda: self.seconds, self.logged.append)

    def titles(self, question: str = "faxina") -> list[str]:
        return [hit.entry.title for hit in self.follower.current().index.search(question).hits]


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def shelf(store: Counting) -> Shelf:
    shelf = Shelf(store)
    entries.create(shelf.library, draft("Limpeza"), "ana")
    store.looks = store.reads = 0
    return shelf


def test_a_change_is_followed_when_it_is_time_to_look(shelf: Shelf) -> None:
    process = Process(shelf, MemoryBlobs())
    assert process.titles() == ["Limpeza"]
    entries.update(shelf.library, "e001", 1, draft("Faxina nova"), "ana")
    assert process.titles() == ["Limpeza"]
    process.seconds += LOOK_SECONDS
    assert process.titles() == ["Faxina nova"] and process.follower.current().version == 2
    entries.deactivate(shelf.library, "e001", 2, "ana")
    assert process.follower.refresh().index.search("faxina").hits == ()


def test_it_looks_at_most_once_in_its_time_and_reads_only_what_is_new(shelf: Shelf, store: Counting) -> None:
    process = Process(shelf, MemoryBlobs())
    for _ in range(100):
        process.titles()
    assert (store.looks, store.reads) == (1, 1)
    process.seconds += LOOK_SECONDS
    for _ in range(100):
        process.titles()
    assert (store.looks, store.reads) == (2, 1)


def test_a_cold_process_reads_the_snapshot_instead_of_the_store(shelf: Shelf, store: Counting) -> None:
    blobs = MemoryBlobs()
    assert Process(shelf, blobs).titles() == Process(shelf, blobs).titles() == ["Limpeza"]
    assert store.reads == 1


@pytest.mark.parametrize("broken", [b"", b"no snapshot", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_snapshot_that_is_none_is_replaced(shelf: Shelf, store: Counting, broken: bytes) -> None:
    blobs = MemoryBlobs()
    blobs.put(SNAPSHOT, broken)
    assert Process(shelf, blobs).titles() == Process(shelf, blobs).titles() == ["Limpeza"]
    assert store.reads == 1


def test_a_snapshot_from_before_a_change_is_not_believed(shelf: Shelf, store: Counting) -> None:
    blobs = MemoryBlobs()
    Process(shelf, blobs).titles()
    entries.update(shelf.library, "e001", 1, draft("Faxina nova"), "ana")
    assert Process(shelf, blobs).titles() == Process(shelf, blobs).titles() == ["Faxina nova"]
    assert store.reads == 2


def test_a_snapshot_that_cannot_be_kept_is_told_and_done_without(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    process = Process(shelf, DirectoryBlobs(tmp_path / "file"))
    assert process.titles() == ["Limpeza"] and len(process.logged) == 1


def test_without_the_store_what_is_known_goes_on_and_a_cold_process_says_so(shelf: Shelf, store: Counting) -> None:
    process = Process(shelf, MemoryBlobs())
    process.titles()
    store.gone = True
    process.seconds += LOOK_SECONDS
    assert process.titles() == ["Limpeza"]
    with pytest.raises(Unavailable):
        Process(shelf, MemoryBlobs()).titles()
    entries_now: Sequence[Entry] = SQLiteKnowledge.entries(store)
    store.gone = False
    entries.update(shelf.library, entries_now[0].id, 1, draft("Faxina nova"), "ana")
    process.seconds += LOOK_SECONDS
    assert process.titles() == ["Faxina nova"]


def test_whoever_follows_says_what_it_has_seen(shelf: Shelf) -> None:
    shelf.bulletin.said.clear()
    process = Process(shelf, MemoryBlobs())
    process.titles()
    process.seconds += LOOK_SECONDS
    process.titles()
    assert shelf.bulletin.said == [("changed", 1)]  # once: whoever changed it may have died before saying so
