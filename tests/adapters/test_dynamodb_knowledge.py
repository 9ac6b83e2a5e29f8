"""The knowledge in DynamoDB: what goes over the wire, and what happens when answers are lost."""

import pytest

from chalicelib.adapters.dynamodb_knowledge import DynamoDBKnowledge
from chalicelib.errors import Unavailable
from chalicelib.knowledge.model import Change
from chalicelib.knowledge.seeding import sow
from tests.contract.test_knowledge_store import AT, entry, keep, many, next_of
from tests.dynamodb import Table


@pytest.fixture
def store(table: Table) -> DynamoDBKnowledge:
    return DynamoDBKnowledge(table.settings)


def test_a_change_is_a_look_and_a_transaction_and_nothing_scans(store: DynamoDBKnowledge, table: Table) -> None:
    keep(store, entry())
    table.wire.counted()
    assert store.apply(2, [Change(entry(), next_of(entry()))])
    assert table.wire.counted() == {"GetItem": 1, "TransactWriteItems": 1}
    store.entries(), store.earlier("a", 9, 9), store.version(), store.entry("a"), store.questions(), store.seeded()
    assert set(table.wire.counted()) == {"Query", "GetItem"}


def test_a_change_whose_answer_is_lost_has_been_made(store: DynamoDBKnowledge, table: Table) -> None:
    keep(store, entry())
    table.wire.lost["TransactWriteItems"] = 1
    assert store.apply(2, [Change(entry(), next_of(entry()))])
    assert store.version() == 2 and store.entry("a") == next_of(entry())


def test_a_store_that_does_not_answer_is_unavailable(store: DynamoDBKnowledge, table: Table) -> None:
    table.wire.lost["TransactWriteItems"] = table.wire.lost["GetItem"] = table.wire.lost["Query"] = 2
    with pytest.raises(Unavailable):
        store.version()
    with pytest.raises(Unavailable):
        store.entries()
    with pytest.raises(Unavailable):
        store.apply(1, [Change(None, entry())])


def test_what_is_seeded_already_costs_one_small_read(store: DynamoDBKnowledge, table: Table) -> None:
    sow(store, [entry()], AT)
    table.wire.counted()
    assert sow(store, [entry()], AT) == 0
    assert table.wire.counted() == {"GetItem": 1}


class _Killed(BaseException):
    """As a process that is killed: nothing after it is done."""


def test_an_import_killed_at_any_write_leaves_what_was_there(store: DynamoDBKnowledge, table: Table) -> None:
    keep(store, *many(30))
    changes = [Change(one, next_of(one, title="Nova")) for one in many(30)]

    def kill(stored: int) -> None:
        raise _Killed

    with pytest.raises(_Killed):
        store.apply(2, changes, kill)
    again = DynamoDBKnowledge(table.settings)
    assert (again.version(), again.entries(), again.earlier("e000", 1, 9)) == (1, many(30), [])
    assert again.apply(2, [Change(entry("e000"), next_of(entry("e000"), title="Own"))])
    assert not again.apply(3, changes), "the import was planned on what is no longer there"
    assert again.apply(3, [Change(one.before, one.after) for one in changes[1:]])
    assert [one.title for one in again.entries()] == ["Own"] + ["Nova"] * 29


def test_what_is_no_longer_present_is_read_to_its_end_and_removed_later(store: DynamoDBKnowledge, table: Table) -> None:
    keep(store, *many(30))
    for version in (2, 3):
        assert store.apply(version, [Change(one, next_of(one)) for one in store.entries()])
    generations = store._generations
    notes = list(generations._items.query("K", generations._items.sk.startswith("G#")))
    assert len(notes) == 4
    for note in notes:  # an hour later
        note.update(actions=[generations._items.version.set(1)])
    assert store.apply(4, [Change(one, next_of(one)) for one in store.entries()])
    assert len(list(generations._items.query("K", generations._items.sk.startswith("G#")))) == 2
    assert [one.version for one in store.entries()] == [4] * 30 and store.version() == 4
