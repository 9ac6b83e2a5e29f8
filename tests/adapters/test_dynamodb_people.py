"""Hand-offs and notices in DynamoDB: what happens when answers are lost."""

from msgspec.structs import replace

from chalicelib.adapters.dynamodb_people import DynamoDBPeople
from chalicelib.adapters.system import SystemClock
from tests.contract.test_notices import notice
from tests.dynamodb import Table


def test_a_notice_whose_answer_is_lost_is_saved_and_still_only_once(table: Table) -> None:
    people = DynamoDBPeople(table.settings, SystemClock())
    first = notice()
    table.wire.lost["PutItem"] = 1
    assert people.save_notice(first)
    assert people.notice(first.id) == first
    assert not people.save_notice(replace(first, who="bia"))
    later = replace(first, delivered=7, version=2)
    table.wire.lost["PutItem"] = 1
    assert people.save_notice(later) and people.notice(first.id) == later
