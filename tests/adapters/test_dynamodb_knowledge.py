"""The knowledge in DynamoDB: what goes over the wire, and what happens when answers are lost."""

import pytest

from chalicelib.adapters.dynamodb_knowledge import DynamoDBKnowledge
from chalicelib.errors import Unavailable
from chalicelib.knowledge.model import Change
from chalicelib.knowledge.seeding import sow
from tests.contract.test_knowledge_store import AT, entry, keep, next_of
from tests.dynamodb import Table


@pytest.fixture
def store(table: Table) -> DynamoDBKnowledge:
    return DynamoDBKnowledge(table.settings)


def test_a_change_is_one_request_and_nothing_scans(store: DynamoDBKnowledge, table: Table) -> None:
    keep(store, entry())
    table.wire.counted()
    assert store.apply(2, [Change(entry(), next_of(entry()))])
    assert table.wire.counted() == {"TransactWriteItems": 1}
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
