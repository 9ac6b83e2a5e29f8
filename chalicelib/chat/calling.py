"""Calling somebody of the team into a conversation, and noting how to reach whoever asked."""

from msgspec.structs import replace

from chalicelib.chat.answers import Plan
from chalicelib.chat.contact import left_in
from chalicelib.chat.model import Handoff, Message, Tail
from chalicelib.chat.ports import Ports
from chalicelib.chat.sessions import change_header

SUMMED_UP = 3  # of the person's messages
MOST_OF_EACH = 300  # characters


def call(ports: Ports, tail: Tail, question: Message, plan: Plan) -> Tail:
    """Open a hand-off for whoever is to have a person, once; keep what those who wait leave to be called back by."""
    header = tail.header
    contact = left_in(question.content)
    if header.handoff == "waiting":
        waiting = ports.handoffs.handoff(header.session_id) if contact else None
        if waiting:
            ports.handoffs.save_handoff(replace(waiting, contact=contact))
        return tail
    if plan.mood not in ("person", "strong") or not plan.contact:
        return tail
    opened = Handoff(
        session_id=header.session_id,
        at=question.at,
        reason=plan.mood,
        summary=_summary(tail),
        user_type=header.user_type,
        name=header.name,
        locale=header.locale,
        contact=contact,
    )
    ports.handoffs.save_handoff(opened)
    changed = change_header(ports, header, lambda h: replace(h, handoff="waiting") if h.handoff != "held" else h)
    ports.telemetry.count(HandoffsOpened=1)
    return replace(tail, header=changed)


def _summary(tail: Tail) -> str:
    """What the person said last, a line each, after the subjects they were answered on."""
    said = [m.content[:MOST_OF_EACH] for m in tail.messages if m.sender == "user"][-SUMMED_UP:]
    topics = dict.fromkeys(source.title for m in tail.messages for source in m.sources)
    return "\n".join(([", ".join(topics)] if topics else []) + said)
