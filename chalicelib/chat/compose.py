"""The words of one reply and their way to the browsers: those others got, fixed ones, a model's, or their stand-in."""

from dataclasses import dataclass, replace

from msgspec import structs

from chalicelib.chat import answers, prompts, sharing
from chalicelib.chat.answers import Plan
from chalicelib.chat.model import Answer, Message, Tail
from chalicelib.chat.ports import Model, ModelFailed, Ports, Prompt, Share
from chalicelib.chat.provenance import Progress
from chalicelib.chat.retrieval import Grounds
from chalicelib.chat.stream import Deadlines, Writer, Written, relay

LAST_MODEL_ATTEMPT = 2  # a turn delivered more often than this is answered without the model
SECOND_ATTEMPT_SECONDS = 10.0
MODEL_TRIES = 3
LONGEST_RETRY_WAIT = 4.0
RESERVE_SECONDS = 2.0  # kept back from the deadline for the fallback, the store and the last post


@dataclass(frozen=True)
class Task:
    """A reply to write; its answer is shared under `share`, or is nobody else's when that is None."""

    ports: Ports
    progress: Progress
    writer: Writer
    tail: Tail
    question: Message
    grounds: Grounds
    plan: Plan
    share: Share | None


@dataclass(frozen=True)
class Composed:
    """What was written, by whom (a model's name, or `cache`, `fixed`, `fallback`), and what goes along with it.

    `worked` names the model that gave a whole answer, if one was asked and did; that may be shared under `share`.
    """

    written: Written
    by: str
    plan: Plan
    worked: str = ""
    share: Share | None = None


def compose(task: Task) -> Composed:
    """Announce the reply and get its text in front of the person, whatever the model does."""
    model = None if task.plan.fixed else task.ports.model()
    opening = task.writer.start(_first_attempt(task), task.share, model.name if model else "")
    task.progress.step("started", task.question.session_id)
    if opening.shared:
        return _shared(task, opening.shared)
    if model is None:
        return Composed(_write(task.writer, task.plan.content, "stop"), "fixed", task.plan)
    if task.share:  # so it must know nothing of this conversation
        task = replace(task, tail=sharing.alone(task.tail), question=structs.replace(task.question, page=None))
    written = _from_model(task, model, in_use=opening.model_in_use)
    if written:
        kept = task.share if opening.fresh else None
        return Composed(written, model.name, task.plan, worked=model.name, share=kept)
    if task.writer.shown:
        task.writer.start(_first_attempt(task) + 1)
    content = answers.in_place_of_model(task.ports.settings, task.tail.header.locale, task.plan)
    return Composed(_write(task.writer, content, "fallback"), "fallback", task.plan)


def _first_attempt(task: Task) -> int:
    """The browser's attempt number: each delivery may use two, one for the model and one for its fallback."""
    return 2 * task.progress.attempt - 1


def _shared(task: Task, found: Answer) -> Composed:
    plan = structs.replace(task.plan, actions=found.actions, sources=found.sources, suggestions=found.suggestions)
    return Composed(_write(task.writer, found.content, "stop"), "cache", plan)


def _from_model(task: Task, model: Model, *, in_use: bool) -> Written | None:
    """The model's answer; None when it gave no whole one, or was not asked."""
    breaker, progress = task.ports.breaker, task.progress
    # Only who finds the breaker open asks again, because the answer may be that it is this one's turn to try.
    if progress.attempt > LAST_MODEL_ATTEMPT or not (in_use or breaker.allows(model.name)):
        progress.failures.append("skipped")
        return None
    prompt = prompts.build(task.ports.settings, task.tail, task.question, task.grounds, task.plan.content)
    try:
        return _ask(task, model, prompt)
    except ModelFailed as failure:
        progress.failures.append(failure.kind)
        breaker.record(model.name, False)
        return None


def _ask(task: Task, model: Model, prompt: Prompt) -> Written:
    """Ask the model, again if it failed before its first word and there is time. Raises ModelFailed."""
    clock, settings, progress = task.ports.clock, task.ports.settings, task.progress
    end = progress.began + _allowed(settings.response_timeout_seconds, progress.attempt)
    deadlines = Deadlines(settings.first_token_seconds, settings.between_tokens_seconds, end)
    for tried in range(1, MODEL_TRIES + 1):
        try:
            progress.model_calls += 1
            stream = model.stream(prompt, max(0.1, min(deadlines.first, end - clock.monotonic())))
            return relay(task.ports, task.writer, stream, deadlines)
        except ModelFailed as failure:
            wait = max(failure.retry_after, 0.25 * 2**tried)
            late = clock.monotonic() + wait + RESERVE_SECONDS > end
            if task.writer.shown or not failure.retryable or wait > LONGEST_RETRY_WAIT or late or tried == MODEL_TRIES:
                raise
            progress.failures.append(failure.kind)
            clock.sleep(wait)
    raise AssertionError("unreachable: the last try returns or raises")


def _allowed(timeout: float, attempt: int) -> float:
    """Seconds the model may take in all."""
    allowed = max(timeout - RESERVE_SECONDS, timeout / 2)
    return allowed if attempt == 1 else min(allowed, SECOND_ATTEMPT_SECONDS)


def _write(writer: Writer, content: str, finish: str) -> Written:
    """Post a text that is there already."""
    writer.write(content)
    writer.flush()
    return Written(writer.shown, "cancelled" if writer.cancelled else finish)
