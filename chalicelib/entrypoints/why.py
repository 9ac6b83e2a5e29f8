"""`make why ID=<message id>`: one turn's life as a timeline, from what is stored. No message text is printed."""

import sys
from collections.abc import Iterator

from chalicelib import services
from chalicelib.chat.frames import timestamp
from chalicelib.chat.model import Message, Provenance
from chalicelib.chat.replay import turn_of
from chalicelib.errors import SettingsError

USAGE = "Give the id of a question or of its reply: make why ID=<message id> (the chat page shows it in every frame)."


def main(message_id: str) -> int:
    """Print the timeline; the exit status: 0, or 2 when there is no such turn."""
    try:
        question, reply = turn_of(services.current().sessions, message_id)
    except ValueError as error:
        print(error if isinstance(error, SettingsError) else USAGE, file=sys.stderr)
        return 2
    if question is None:
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
    verdict += ", as a question that left its subject out" if provenance.follow_up else ""
    return f"intent {provenance.intent}; {entries}; confidence {provenance.confidence:g}, {verdict}"


def _model(provenance: Provenance) -> str:
    parts = [f"by {provenance.model}, prompt {provenance.prompt_version}"]
    if provenance.failures:
        parts.append("failures: " + ", ".join(provenance.failures))
    if provenance.prompt_tokens:
        tokens = f"{provenance.prompt_tokens} + {provenance.reply_tokens} tokens"
        parts.append(f"{tokens}, US$ {provenance.cost_usd:.6f}")
    return "; ".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
