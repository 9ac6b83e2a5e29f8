"""An export that is an answer has a caller who waits for it."""

from collections.abc import Iterable

import pytest

from chalicelib.analytics.facts import HOUR_MS, Fact
from chalicelib.chat import exports
from chalicelib.chat.records import Wanted
from tests.chat.room import Room, StillClock

CONVERSATIONS = 3


class SlowFacts:
    """A store that takes its time over each hour."""

    def __init__(self, room: Room, clock: StillClock, seconds: float) -> None:
        self._room, self._clock, self._seconds = room, clock, seconds

    def facts(self, hour: int) -> Iterable[Fact]:
        self._clock.sleep(self._seconds)
        return self._room.store.facts(hour)  # type: ignore[attr-defined, no-any-return]


def a_room_with_conversations() -> tuple[Room, Wanted]:
    room = Room()
    for number in range(CONVERSATIONS):
        room.start(f"tab{number}")
    hour = room.clock.now() // HOUR_MS
    return room, Wanted(first_hour=hour, last_hour=hour)


def test_it_is_given_up_when_reading_for_it_takes_too_long() -> None:
    room, wanted = a_room_with_conversations()
    whole = exports.inline(room.ports, SlowFacts(room, room.clock, 1.0), "jsonl", wanted)
    assert whole is not None and whole.count("\n") == CONVERSATIONS
    assert exports.inline(room.ports, SlowFacts(room, room.clock, exports.MOST_SECONDS + 1), "jsonl", wanted) is None


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_nothing_is_told_of_hours_without_conversations(form: exports.Form) -> None:
    room, wanted = a_room_with_conversations()
    before = Wanted(first_hour=wanted.first_hour - 2, last_hour=wanted.last_hour - 1)
    text = exports.inline(room.ports, room.store, form, before)  # type: ignore[arg-type]
    assert text is not None and text.count("\n") == (form == "csv")
