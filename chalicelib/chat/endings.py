"""How a reply ends before its time, and how a conversation does."""

from chalicelib.chat import log
from chalicelib.chat.model import Message, Tail, questions_without_outcome, reply_id
from chalicelib.chat.ports import Ports
from chalicelib.chat.sessions import broadcast
from chalicelib.chat.texts import text
from chalicelib.errors import Unavailable


def close(ports: Ports, tail: Tail) -> Tail:
    """Append `closed`; nobody waits here any more.

    A question that comes in between takes its place, is ended too, and it is tried again."""
    closing = text(tail.header.locale, "failure.closed")
    for _ in range(log.MOST_CONFLICTS):
        for question in questions_without_outcome(tail.messages):
            tail = cancel(ports, tail, question)
        notice = {"sender": "system", "kind": "closed", "at": ports.clock.now(), "content": closing}
        if ports.sessions.append(log.notice(tail.header, tail.last_seq + 1, **notice)):
            if tail.header.handoff:
                ports.handoffs.drop_handoff(tail.header.session_id)
            return tail
        tail = log.read(ports, tail.header.session_id, log.REPLY_TAIL)
    raise Unavailable


def cancel(ports: Ports, tail: Tail, question: Message) -> Tail:
    """Store the words shown so far as the outcome, and send it.

    The writer stops at its next batch and shows no more."""
    shown = ports.live.cancel(question.session_id, reply_id(question))
    ports.telemetry.step("cancel.flagged", session=question.session_id)

    def cancelled(seq: int) -> Message:
        return log.reply_to(question, seq, at=ports.clock.now(), content=shown, finish="cancelled")

    ended = log.append_reply(ports, tail, question, cancelled)
    broadcast(ports, ended.tail, ended.message)
    return ended.tail
