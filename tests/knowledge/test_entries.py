"""What administrators do with entries, and what each change keeps and says."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.adapters.sqlite_knowledge import SQLiteKnowledge
from chalicelib.errors import BadRequest, Conflict, NotFound, Stale
from chalicelib.knowledge import entries, seed
from chalicelib.knowledge.model import Change
from chalicelib.knowledge.seeding import sow
from tests.knowledge.library import AT, Shelf, draft


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_a_new_entry_says_who_wrote_it_and_when(shelf: Shelf) -> None:
    made = entries.create(shelf.library, draft(), "ana")
    assert (made.id, made.version, made.updated_by) == ("e001", 1, "ana")
    assert made.created_at == made.updated_at and made.updated_at and made.updated_at.timestamp() * 1000 == AT
    assert entries.get(shelf.library, "e001") == made


def test_every_change_keeps_the_version_before_it(shelf: Shelf) -> None:
    entries.create(shelf.library, draft("Um"), "ana")
    entries.update(shelf.library, "e001", 1, draft("Dois"), "bia")
    entries.deactivate(shelf.library, "e001", 2, "caio")
    kept = entries.versions(shelf.library, "e001", before=0, limit=10)
    assert [(e.version, e.title, e.active, e.updated_by) for e in kept.items] == [
        (3, "Dois", False, "caio"),
        (2, "Dois", True, "bia"),
        (1, "Um", True, "ana"),
    ]


def test_restoring_makes_a_new_version_of_an_old_one(shelf: Shelf) -> None:
    entries.create(shelf.library, draft("Um"), "ana")
    entries.update(shelf.library, "e001", 1, draft("Dois"), "bia")
    entries.deactivate(shelf.library, "e001", 2, "caio")
    back = entries.restore(shelf.library, "e001", 3, 1, "dora")
    assert (back.version, back.title, back.active, back.updated_by) == (4, "Um", True, "dora")
    with pytest.raises(NotFound):
        entries.restore(shelf.library, "e001", 4, 9, "dora")


def test_versions_come_in_pages(shelf: Shelf) -> None:
    entries.create(shelf.library, draft(), "ana")
    for version in range(1, 7):
        entries.update(shelf.library, "e001", version, draft(f"T{version}"), "ana")
    seen, cursor = [], 0
    while True:
        page = entries.versions(shelf.library, "e001", before=cursor, limit=3)
        seen += [entry.version for entry in page.items]
        if not page.next_cursor:
            break
        cursor = int(page.next_cursor)
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_a_change_of_a_version_that_is_gone_is_refused_and_changes_nothing(shelf: Shelf) -> None:
    entries.create(shelf.library, draft(), "ana")
    entries.update(shelf.library, "e001", 1, draft("Dois"), "bia")
    with pytest.raises(Stale):
        entries.update(shelf.library, "e001", 1, draft("Três"), "ana")
    with pytest.raises(Stale):
        entries.purge(shelf.library, "e001", 1)
    assert entries.get(shelf.library, "e001").title == "Dois" and shelf.store.version() == 2


def test_what_is_not_there_cannot_be_changed(shelf: Shelf) -> None:
    for attempt in (
        lambda: entries.get(shelf.library, "x"),
        lambda: entries.update(shelf.library, "x", 1, draft(), "ana"),
        lambda: entries.deactivate(shelf.library, "x", 1, "ana"),
        lambda: entries.restore(shelf.library, "x", 1, 1, "ana"),
        lambda: entries.purge(shelf.library, "x", 1),
        lambda: entries.versions(shelf.library, "x", before=0, limit=1),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_purged_entry_is_gone_with_its_history(shelf: Shelf) -> None:
    entries.create(shelf.library, draft(), "ana")
    entries.update(shelf.library, "e001", 1, draft("Dois"), "bia")
    entries.purge(shelf.library, "e001", 2)
    assert shelf.store.entry("e001") is None and shelf.store.earlier("e001", 9, 9) == []


def test_content_holds_100_kb_of_utf_8_and_no_more(shelf: Shelf) -> None:
    entries.create(shelf.library, draft(content="ç" * 50_000), "ana")
    with pytest.raises(BadRequest) as refused:
        entries.create(shelf.library, draft(content="ç" * 50_001), "ana")
    assert refused.value.fields == ("content",)


def test_an_emergency_may_be_reworded_but_not_turned_off(shelf: Shelf) -> None:
    sow(shelf.store, seed.entries(), AT)
    gas = next(e for e in shelf.store.entries() if e.emergency)
    reworded = entries.update(shelf.library, gas.id, 1, draft("Vazamento de gás"), "ana")
    for attempt in (
        lambda: entries.deactivate(shelf.library, gas.id, 2, "ana"),
        lambda: entries.update(shelf.library, gas.id, 2, draft(active=False), "ana"),
        lambda: entries.purge(shelf.library, gas.id, 2),
    ):
        with pytest.raises(Conflict):
            attempt()
    assert shelf.store.entry(gas.id) == reworded


def test_each_change_is_announced_before_and_after(shelf: Shelf) -> None:
    entries.create(shelf.library, draft(), "ana")
    entries.purge(shelf.library, "e001", 1)
    assert shelf.bulletin.said == [("changing", 1), ("changed", 1), ("changing", 2), ("changed", 2)]
    assert shelf.waited == []


def test_a_change_that_reaches_nobody_waits_until_all_have_followed(shelf: Shelf) -> None:
    shelf.bulletin.deaf = True
    entries.create(shelf.library, draft(), "ana")
    assert shelf.waited == [entries.FOLLOW_SECONDS]


class Crowded(SQLiteKnowledge):
    """Somebody else changes another entry just before each of the first changes."""

    others = 3

    def apply(self, version: int, changes: Sequence[Change], *progress: Any) -> bool:
        if self.others:
            self.others -= 1
            other = entries.made(draft("Outra"), f"other{self.others}", AT, "bia")
            assert super().apply(version, [Change(None, other)])
        return super().apply(version, changes, *progress)


def test_a_change_goes_through_while_others_change_other_entries() -> None:
    shelf = Shelf(Crowded(None))
    entries.create(shelf.library, draft(), "ana")
    assert shelf.store.version() == 4 and len(shelf.store.entries()) == 4


def test_two_who_change_the_same_version_at_once_have_one_winner(shelf: Shelf) -> None:
    entries.create(shelf.library, draft(), "ana")

    def try_it(number: int) -> bool:
        try:
            entries.update(shelf.library, "e001", 1, draft(f"T{number}"), "ana")
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(4) as people:
        assert list(people.map(try_it, range(4))).count(True) == 1
    assert entries.get(shelf.library, "e001").version == 2


def test_lists_find_words_without_accents_in_pages(shelf: Shelf) -> None:
    for number in range(25):
        entries.create(shelf.library, draft(f"Serviço {number}", keywords=("elétrica",) if number % 2 else ()), "ana")
    first = entries.listed(shelf.library, q="ELETRICA servico", limit=10)
    rest = entries.listed(shelf.library, q="eletrica serviço", cursor=first.next_cursor or "", limit=10)
    assert len(first.items) == 10 and len(rest.items) == 2 and rest.next_cursor is None
    assert entries.listed(shelf.library, q="encanador", limit=10) == entries.Entries(())
    assert len(entries.listed(shelf.library, category="service", active=True, limit=100).items) == 25
    assert entries.listed(shelf.library, category="faq", limit=100).items == ()


def test_a_page_that_ends_exactly_at_the_last_entry_leads_to_an_empty_one(shelf: Shelf) -> None:
    for _ in range(4):
        entries.create(shelf.library, draft(), "ana")
    first = entries.listed(shelf.library, limit=4)
    assert entries.listed(shelf.library, cursor=first.next_cursor or "", limit=4) == entries.Entries(())
