"""What a stored item tells those who count (analytics/facts.py). Items of before this was kept tell nothing."""

from typing import Any

from chalicelib.analytics.facts import Fact
from chalicelib.chat.intents import MANNERS
from chalicelib.chat.model import Message, Note, Origin, Provenance


def of_message(message: Message) -> Fact | None:
    if message.origin is None:
        return None
    return Fact(
        kind="reply" if message.in_reply_to else "message",
        name=message.message_id,
        session_id=message.session_id,
        at=message.at,
        sender=message.sender,
        opening=message.seq == 1,
        **_of_origin(message.origin),
        **(_of_reply(message) if message.in_reply_to else {}),
    )


def of_note(note: Note) -> Fact | None:
    if note.origin is None:
        return None
    return Fact(
        kind=note.kind,
        name=note.key,
        session_id=note.session_id,
        at=note.at,
        helpful=note.helpful,
        stars=note.rating,
        action=note.target_kind,
        **_of_origin(note.origin),
    )


def _of_origin(origin: Origin) -> dict[str, Any]:
    return {"user_type": origin.user_type, "started_at": origin.started_at}


def _of_reply(message: Message) -> dict[str, Any]:
    told: dict[str, Any] = {
        "entries": tuple(source.entry_id for source in message.sources),
        "finish": message.finish or "",
        "cached": message.cached,
        "earlier": message.origin and message.origin.earlier,
    }
    came = message.provenance
    return told if came is None else {**told, **_of_provenance(message, came)}


def _of_provenance(message: Message, came: Provenance) -> dict[str, Any]:
    def since_asked(step: str) -> int | None:
        return came.waited_ms + came.timings[step] if step in came.timings else None

    return {
        "intent": came.intent,
        "small_talk": came.intent in MANNERS and not message.sources,
        "known": came.known,
        "failures": came.failures,
        "response_ms": since_asked("written"),
        "first_ms": since_asked("first_delta"),
        "prompt_tokens": came.prompt_tokens,
        "reply_tokens": came.reply_tokens,
        "cost_usd": came.cost_usd,
        "escalation": came.escalation if message.escalated else "",
    }
