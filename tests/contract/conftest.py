"""Stores that more than one suite runs over."""

from collections.abc import Iterator

import pytest

from chalicelib.adapters.dynamodb_people import DynamoDBPeople
from chalicelib.adapters.sqlite_people import SQLitePeople
from chalicelib.adapters.system import SystemClock


@pytest.fixture(params=["sqlite", "dynamodb"])
def people(request: pytest.FixtureRequest) -> Iterator[SQLitePeople | DynamoDBPeople]:
    """A store of hand-offs and notices."""
    if request.param == "dynamodb":
        yield DynamoDBPeople(request.getfixturevalue("table").settings, SystemClock())
        return
    store = SQLitePeople(None)
    yield store
    store.close()
