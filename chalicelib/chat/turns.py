"""Questions that were accepted and have no outcome: found again, and queued again."""

from chalicelib.chat.model import Message, Turn, deduplication_id, encode_turn
from chalicelib.chat.ports import Ports

FORGOTTEN_AFTER_MS = 3 * 60_000
QUEUE_FORGETS_MS = 5 * 60_000  # after which it takes the same deduplication id again
LAG_MS = 60_000  # an index may be behind, and so may a clock


def requeue_forgotten(ports: Ports) -> int:
    """Queue what has waited too long; how many there were. A turn that is merely late is answered once all the same.

    What was found settled is not looked at again: the next run begins where the oldest open question is.
    """
    now = ports.clock.now()
    until = now - FORGOTTEN_AFTER_MS
    found = _requeue(ports, until, suffix=f"#{now // QUEUE_FORGETS_MS}")
    ports.sessions.save_swept(min(question.at for question in found) if found else until - LAG_MS)
    return len(found)


def requeue_interrupted(ports: Ports) -> int:
    """Queue what a process left behind when it ended; the queue knows those that it still has."""
    return len(_requeue(ports, until=ports.clock.now() + 1, suffix=""))


def _requeue(ports: Ports, until: int, suffix: str) -> list[Message]:
    oldest = ports.clock.now() - int(ports.settings.session_timeout_hours * 3_600_000)
    questions = ports.sessions.unanswered(max(oldest, ports.sessions.swept()), until)
    for question in questions:
        turn = _turn_of(question)
        ports.queue.send(encode_turn(turn), turn.session_id, deduplication_id(turn) + suffix)
    return questions


def _turn_of(question: Message) -> Turn:
    return Turn(
        session_id=question.session_id,
        client_message_id=question.client_message_id,
        turn_id=question.turn_id,
        content=question.content,
        at=question.at,
        page=question.page,
        seq=question.seq,
    )
