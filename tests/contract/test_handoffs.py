"""What every store of hand-offs promises, run over each adapter."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from chalicelib.adapters.dynamodb_people import DynamoDBPeople
from chalicelib.adapters.sqlite_people import SQLitePeople
from chalicelib.adapters.system import SystemClock
from chalicelib.chat.model import Handoff
from chalicelib.chat.people import Handoffs


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[Handoffs]:
    if request.param == "dynamodb":
        yield DynamoDBPeople(request.getfixturevalue("table").settings, SystemClock())
        return
    people = SQLitePeople(None)
    yield people
    people.close()


def waiting(session_id: str = "s") -> Handoff:
    return Handoff(session_id=session_id, at=1, reason="person", summary="Limpeza\nsocorro " * 500, user_type="client")


def test_a_handoff_is_kept_replaced_and_dropped(store: Handoffs) -> None:
    assert store.handoff("s") is None and store.handoffs() == []
    store.save_handoff(waiting())
    store.save_handoff(waiting("other"))
    taken = replace(waiting(), operator="ana", contact="a@example.com")
    store.save_handoff(taken)
    assert store.handoff("s") == taken
    assert sorted(one.session_id for one in store.handoffs()) == ["other", "s"]
    store.drop_handoff("s")
    store.drop_handoff("s")
    assert store.handoff("s") is None and store.handoffs() == [waiting("other")]
