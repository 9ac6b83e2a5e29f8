"""Questions that were accepted and forgotten: what the sweep finds, and what it does not look at twice."""

from chalicelib.chat import turns
from chalicelib.chat.model import decode_turn
from tests.chat.room import Room, ScriptedModel

MINUTE = 60.0


def forgotten(room: Room, question: str) -> str:
    """Accept a question and lose its turn; its id."""
    accepted = room.say(question)
    room.queue.bodies.clear()
    return str(accepted.message_id)


def room_with_session() -> Room:
    room = Room(ScriptedModel(*[["Oi."]] * 9))
    room.start()
    return room


def test_a_question_without_an_outcome_is_queued_again_after_three_minutes() -> None:
    room = room_with_session()
    lost = forgotten(room, "olá")
    room.clock.sleep(2.9 * MINUTE)
    assert turns.requeue_forgotten(room.ports) == 0
    room.clock.sleep(0.2 * MINUTE)
    assert turns.requeue_forgotten(room.ports) == 1
    room.work()
    assert room.seen()[-1]["inReplyTo"] == lost and turns.requeue_forgotten(room.ports) == 0


def test_a_question_that_stays_open_is_found_by_every_sweep() -> None:
    room = room_with_session()
    forgotten(room, "a primeira")
    room.clock.sleep(10 * MINUTE)
    forgotten(room, "a segunda")
    for expected in (1, 2, 2):
        assert turns.requeue_forgotten(room.ports) == expected
        queued = [decode_turn(body).content for body in room.queue.bodies]
        assert queued == ["a primeira", "a segunda"][:expected]
        room.queue.bodies.clear()
        room.clock.sleep(4 * MINUTE)


def test_what_was_seen_settled_is_not_read_again() -> None:
    room = room_with_session()
    room.ask("olá")
    for _ in range(3):
        room.clock.sleep(10 * MINUTE)
        turns.requeue_forgotten(room.ports)
        assert room.clock.now() - room.store.swept() == 4 * MINUTE * 1000


def test_a_day_later_nobody_is_waiting_any_more() -> None:
    room = room_with_session()
    forgotten(room, "olá")
    room.clock.sleep(25 * 60 * MINUTE)
    assert turns.requeue_forgotten(room.ports) == 0
