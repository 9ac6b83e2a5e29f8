"""Which questions were not answered well, as they are lived, on both kinds of stores."""

from collections.abc import Iterator

import pytest

from chalicelib.adapters.dynamodb import DynamoDBSessions
from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.analytics.facts import hour_of
from chalicelib.chat import doubts
from tests.chat.room import Room, ScriptedModel

NOTHING = "vocês consertam telescópio?"


@pytest.fixture(params=["sqlite", "dynamodb"])
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    room = Room(ScriptedModel(*[["Custa R$ 100."]] * 9))
    if request.param == "dynamodb":
        settings = request.getfixturevalue("table").settings
        yield Room(room.model, DynamoDBSessions(settings, room.clock))
    else:
        yield Room(room.model, SQLiteSessions(None))


def doubted(room: Room, user_type: str = "") -> list[tuple[str, str, str]]:
    hour = hour_of(room.clock.now())
    found = doubts.doubts(room.store, room.store.facts, range(hour - 1, hour + 1), user_type)  # type: ignore[attr-defined]
    return sorted((one.reason, one.question, one.entry_id) for one in found)


@pytest.mark.requirement("R7.3")
def test_what_was_not_known_and_what_did_not_help_is_found(room: Room) -> None:
    room.start()
    room.ask(NOTHING)
    helped = room.ask("quanto custa uma faxina?")
    unhelpful = room.ask("quanto custa um encanador?")
    room.ask("oi")
    room.ask("quero falar com uma pessoa")
    for reply, helpful in ((helped, False), (unhelpful, False)):
        room.do("giveFeedback", messageId=reply["messageId"], helpful=helpful)
    room.clock.sleep(1)
    room.do("giveFeedback", messageId=helped["messageId"], helpful=True)  # they changed their mind
    entry_id = unhelpful["sources"][0]["entryId"]
    assert doubted(room) == [("unanswered", NOTHING, ""), ("unhelpful", "quanto custa um encanador?", entry_id)]
    assert doubted(room, "provider") == [] and len(doubted(room, "anonymous")) == 2


def test_a_greeting_that_did_not_help_is_no_question(room: Room) -> None:
    hello = room.start()[0]
    room.do("giveFeedback", messageId=hello.history[0].message_id, helpful=False)
    assert doubted(room) == []
