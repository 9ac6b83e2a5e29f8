"""A question asked again of the knowledge as it is today."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.chat.replay import Replay, replay
from chalicelib.errors import NotFound
from chalicelib.knowledge import seed
from chalicelib.knowledge.search import Index
from tests.chat.room import INDEX, Room, ScriptedModel


@pytest.fixture
def room() -> Room:
    room = Room(ScriptedModel(*[["Uma ", "resposta."]] * 3))
    room.start()
    return room


def again(room: Room, message: dict[str, Any], index: Index = INDEX) -> Replay:
    session_id = message["messageId"].rpartition("-")[0]
    return replay(room.ports, index, session_id, message["messageId"])


def found_then(room: Room, message: dict[str, Any]) -> list[tuple[str, int, float]]:
    session_id, _, place = message["messageId"].rpartition("-")
    outcome = next(m for m in room.store.after(session_id, int(place[:-1]), 50) if m.provenance)
    assert outcome.provenance
    return [(one.entry_id, one.version, one.score) for one in outcome.provenance.retrieved]


def test_with_the_same_knowledge_the_same_is_found_with_the_same_scores(room: Room) -> None:
    first = room.ask("Quanto custa uma faxina?")
    after = room.ask("e demora quanto?")
    for message, follow_up in ((first, False), (after, True)):
        told = again(room, message)
        assert [(one.entry_id, one.version, one.score) for one in told.entries] == found_then(room, message)
        assert told.answerable and told.follow_up is follow_up
    assert again(room, {"messageId": first["inReplyTo"]}) == again(room, first)


def test_it_tells_what_is_found_no_more_and_what_is_there_no_more(room: Room) -> None:
    answer = room.ask("Quanto custa uma faxina?")
    best, *_ = found_then(room, answer)
    changed = [replace(entry, version=7) for entry in seed.entries() if entry.id != best[0]]
    told = again(room, answer, Index(changed, seed.synonyms()))
    (gone,) = [one for one in told.entries if one.entry_id == best[0]]
    assert (gone.title, gone.version, gone.score) == ("", None, None)
    assert {one.version for one in told.entries if one is not gone} == {7}


def test_what_is_no_question_is_not_found(room: Room) -> None:
    answer = room.ask("Quanto custa uma faxina?")
    session_id = answer["messageId"].rpartition("-")[0]
    for message_id in ("nonsense", f"{session_id}-1n", f"{session_id}-9q", "other-2q"):
        with pytest.raises(NotFound):
            replay(room.ports, INDEX, session_id, message_id)
    with pytest.raises(NotFound):
        replay(room.ports, INDEX, "other", answer["messageId"])
