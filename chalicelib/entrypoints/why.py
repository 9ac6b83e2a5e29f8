"""`make why ID=<message id>`: one turn's life as a timeline, from what is stored. No message text is printed."""

import sys
from collections.abc import Iterator

from chalicelib import services
from chalicelib.chat.frames import timestamp
from chalicelib.chat.model import Message, Provenance, place_of
from chalicelib.chat.ports import Sessions
from chalicelib.errors import SettingsError

USAGE = "Give the id of a question or of its reply: make why ID=<message id> (the chat page shows it in every frame)."


def main(message_id: str) -> int:
    """Print the timeline; the exit status: 0, or 2 when there is no such turn."""
    try:
        session_id, seq, role = place_of(message_id)
        sessions = services.current().sessions
    except ValueError as error:
        print(error if isinstance(error, SettingsError) else USAGE, file=sys.stderr)
        return 2
    question, reply = _turn(sessions, session_id, seq)
    if question is None or role == "n":
        print(f"No question is stored under {message_id}.", file=sys.stderr)
        return 2
    for line in timeline(question, reply):
        print(line)
    return 0


def timeline(question: Message, reply: Message | None) -> Iterator[str]:
    asked = f"question {question.message_id}, seq {question.seq}, {len(question.content)} characters"
    yield f"{timestamp(question.at)}  {asked}"
    if question.page:
        yield f"{'':26}on {question.page.url or 'an unnamed page'}"
    if reply is None:
        yield f"{'':26}no outcome yet: waiting, being written, or to be found by the sweep"
        return
    if reply.provenance:
        yield from _written(reply.provenance)
    outcome = f"reply {reply.message_id}, seq {reply.seq}, {reply.finish}, {len(reply.content)} characters"
    yield f"{timestamp(reply.at)}  {outcome}{', escalated' if reply.escalated else ''}"


def _written(provenance: Provenance) -> Iterator[str]:
    """What is known of the making, in the order it happened."""
    notes = {
        "taken": f"by a worker, delivery {provenance.attempt}, after {provenance.waited_ms} ms in the queue",
        "retrieved": _retrieved(provenance),
        "written": _model(provenance),
    }
    for step, milliseconds in sorted(provenance.timings.items(), key=lambda timed: timed[1]):
        yield f"{'':18}+{milliseconds:>5} ms  {step:<10} {notes.get(step, '')}".rstrip()


def _retrieved(provenance: Provenance) -> str:
    entries = ", ".join(f"{r.entry_id} v{r.version} ({r.score:g})" for r in provenance.retrieved) or "nothing"
    verdict = "answerable" if provenance.answerable else "not answerable"
    return f"intent {provenance.intent}; {entries}; confidence {provenance.confidence:g}, {verdict}"


def _model(provenance: Provenance) -> str:
    parts = [f"by {provenance.model}, prompt {provenance.prompt_version}"]
    if provenance.failures:
        parts.append("failures: " + ", ".join(provenance.failures))
    if provenance.prompt_tokens:
        tokens = f"{provenance.prompt_tokens} + {provenance.reply_tokens} tokens"
        parts.append(f"{tokens}, US$ {provenance.cost_usd:.6f}")
    return "; ".join(parts)


def _turn(sessions: Sessions, session_id: str, seq: int) -> tuple[Message | None, Message | None]:
    around = sessions.after(session_id, seq - 1, 50)
    question = around[0] if around and around[0].seq == seq and around[0].sender == "user" else None
    reply = next((m for m in around if question and m.in_reply_to == question.message_id), None)
    return question, reply


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
