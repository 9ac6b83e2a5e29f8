"""The worker's side of a turn: a question in, exactly one stored outcome out, whatever happens on the way."""

from dataclasses import dataclass, field

from msgspec.structs import replace

from chalicelib.chat import answers, log, preferences, prompts, retrieval, sharing
from chalicelib.chat.answers import Plan
from chalicelib.chat.model import Finish, Message, Provenance, Retrieved, Tail, Turn, outcome_of
from chalicelib.chat.ports import Model, ModelFailed, Ports, Prompt
from chalicelib.chat.retrieval import Grounds
from chalicelib.chat.sessions import broadcast, change_header, forget_sockets
from chalicelib.chat.stream import Deadlines, Writer, Written, relay
from chalicelib.errors import SessionExpired

LAST_MODEL_ATTEMPT = 2  # a turn delivered more often than this is answered without the model
SECOND_ATTEMPT_SECONDS = 10.0
MODEL_TRIES = 3
LONGEST_RETRY_WAIT = 4.0
RESERVE_SECONDS = 2.0  # kept back from the deadline for the fallback, the store and the last post


@dataclass
class Progress:
    """What is learnt while a turn is answered; becomes the reply's provenance."""

    ports: Ports
    attempt: int
    began: float
    timings: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    model_calls: int = 0

    def time(self, name: str, at: float) -> None:
        self.timings[name] = round((at - self.began) * 1000)

    def step(self, name: str, session_id: str) -> None:
        self.time(name, self.ports.clock.monotonic())
        self.ports.telemetry.step(f"reply.{name}", session=session_id, attempt=self.attempt)


def answer(ports: Ports, turn: Turn, attempt: int) -> None:
    """Answer one turn from the queue; `attempt` counts its deliveries from 1.

    A turn that has its outcome is sent again as it is stored. A conversation that ended meanwhile gets nothing.
    """
    progress = Progress(ports, attempt, ports.clock.monotonic())
    progress.step("taken", turn.session_id)
    stored = _question(ports, turn)
    if stored is None:
        return
    question, tail = stored.message, stored.tail
    progress.step("question", turn.session_id)
    settled = outcome_of(question.message_id, tail.messages)
    if settled and attempt > 1:  # whoever stored it at the first delivery has sent it too
        broadcast(ports, tail, settled)
    if settled or tail.closed:
        return
    _reply(ports, progress, tail, question)


def _question(ports: Ports, turn: Turn) -> log.Appended | None:
    tail = ports.sessions.tail(turn.session_id, log.REPLY_TAIL)
    if tail is None:
        return None
    if turn.seq:
        found = ports.sessions.after(turn.session_id, turn.seq - 1, 1)
        return log.Appended(found[0], False, tail) if found else None
    try:
        return log.append_question(ports, tail, turn)
    except SessionExpired:
        return None  # closed before the question was stored: the browser was never told `accepted`


def _reply(ports: Ports, progress: Progress, tail: Tail, question: Message) -> None:
    session_id = question.session_id
    index = ports.index()
    grounds = retrieval.search(index, tail, question, ports.settings.answer_threshold)
    planned = answers.plan(ports.settings, index, tail, question, grounds)
    progress.step("retrieved", session_id)
    tail = _remember(ports, tail, question)
    writer = Writer(ports, tail.header, question)
    writer.start(_first_attempt(progress.attempt))
    progress.step("started", session_id)
    shared = sharing.key(ports, index, tail, question, grounds, planned)
    planned, model_name, written = _say(ports, progress, writer, tail, question, grounds, planned, shared)
    if writer.first_at is not None:
        progress.time("first_delta", writer.first_at)
    progress.step("written", session_id)
    provenance = _provenance(ports, progress, question, grounds, planned, model_name, written)

    def reply(seq: int) -> Message:
        return _message(ports, question, planned, written, provenance, seq)

    try:
        stored = log.append_reply(ports, tail, question, reply)
    except SessionExpired:
        writer.abandon()  # closed meanwhile, and with it every question got its outcome
        return
    progress.step("stored", session_id)
    if not stored.fresh:
        writer.abandon()  # cancelled meanwhile: who cancelled has stored and sent the outcome
        return
    writer.finish(stored.message)
    progress.step("sent", session_id)
    if shared:
        sharing.keep(ports, index, shared, question, stored.message)
    forget_sockets(ports, tail.header, writer.gone)
    _measure(ports, progress, stored.message)


def _say(
    ports: Ports,
    progress: Progress,
    writer: Writer,
    tail: Tail,
    question: Message,
    grounds: Grounds,
    planned: Plan,
    shared: str | None,
) -> tuple[Plan, str, Written]:
    """An answer that others got before, or a new one; one that others may get knows nothing of this conversation."""
    found = ports.answers.get(shared) if shared else None
    if found:
        planned = replace(planned, actions=found.actions, sources=found.sources, suggestions=found.suggestions)
        return planned, "cache", _write_fixed(writer, found.content, "stop")
    if shared:
        tail, question = sharing.alone(tail), replace(question, page=None)
    model_name, written = _write(ports, progress, writer, tail, question, grounds, planned)
    return planned, model_name, written


def _remember(ports: Ports, tail: Tail, question: Message) -> Tail:
    """Keep what the person has just said of themselves; a write only when it is news."""
    learned = preferences.learned_from(question.content)
    known = tail.header.preferences
    if not learned.items() - known.items():
        return tail
    header = change_header(ports, tail.header, lambda h: replace(h, preferences={**h.preferences, **learned}))
    return replace(tail, header=header)


def _first_attempt(delivery: int) -> int:
    """The browser's attempt number: each delivery may use two, one for the model and one for its fallback."""
    return 2 * delivery - 1


def _write(
    ports: Ports,
    progress: Progress,
    writer: Writer,
    tail: Tail,
    question: Message,
    grounds: Grounds,
    planned: Plan,
) -> tuple[str, Written]:
    """Get the text in front of the person; the name of what wrote it, and how it ended."""
    if planned.fixed:
        return "fixed", _write_fixed(writer, planned.content, "stop")
    model = ports.model()
    if progress.attempt <= LAST_MODEL_ATTEMPT and ports.breaker.allows(model.name):
        prompt = prompts.build(ports.settings, tail, question, grounds, planned.content)
        try:
            written = _ask(ports, progress, model, prompt, writer)
            ports.breaker.record(model.name, True)
            return model.name, written
        except ModelFailed as failure:
            progress.failures.append(failure.kind)
            ports.breaker.record(model.name, False)
    else:
        progress.failures.append("skipped")
    if writer.shown:
        writer.start(_first_attempt(progress.attempt) + 1)
    content = answers.in_place_of_model(ports.settings, tail.header.locale, planned)
    return "fallback", _write_fixed(writer, content, "fallback")


def _ask(ports: Ports, progress: Progress, model: Model, prompt: Prompt, writer: Writer) -> Written:
    """Ask the model, again if it failed before its first word and there is time. Raises ModelFailed."""
    end = progress.began + _allowed(ports.settings.response_timeout_seconds, progress.attempt)
    deadlines = Deadlines(ports.settings.first_token_seconds, ports.settings.between_tokens_seconds, end)
    for tried in range(1, MODEL_TRIES + 1):
        try:
            progress.model_calls += 1
            stream = model.stream(prompt, max(0.1, min(deadlines.first, end - ports.clock.monotonic())))
            return relay(ports, writer, stream, deadlines)
        except ModelFailed as failure:
            wait = max(failure.retry_after, 0.25 * 2**tried)
            late = ports.clock.monotonic() + wait + RESERVE_SECONDS > end
            if writer.shown or not failure.retryable or wait > LONGEST_RETRY_WAIT or late or tried == MODEL_TRIES:
                raise
            progress.failures.append(failure.kind)
            ports.clock.sleep(wait)
    raise AssertionError("unreachable: the last try returns or raises")


def _allowed(timeout: float, attempt: int) -> float:
    """Seconds the model may take in all."""
    allowed = max(timeout - RESERVE_SECONDS, timeout / 2)
    return allowed if attempt == 1 else min(allowed, SECOND_ATTEMPT_SECONDS)


def _write_fixed(writer: Writer, content: str, finish: str) -> Written:
    writer.write(content)
    writer.flush()
    return Written(writer.shown, "cancelled" if writer.cancelled else finish)


_FINISH: dict[str, Finish] = {"cancelled": "cancelled", "fallback": "fallback", "length": "truncated"}


def _message(
    ports: Ports, question: Message, planned: Plan, written: Written, provenance: Provenance, seq: int
) -> Message:
    escalated = planned.mood in ("person", "strong")
    return log.reply_to(
        question,
        seq,
        at=ports.clock.now(),
        content=written.text,
        finish=_FINISH.get(written.finish, "complete"),
        cached=provenance.model == "cache",
        actions=planned.actions,
        sources=planned.sources,
        suggestions=planned.suggestions,
        escalated=escalated,
        contact=planned.contact,
        provenance=provenance,
    )


def _provenance(
    ports: Ports,
    progress: Progress,
    question: Message,
    grounds: Grounds,
    planned: Plan,
    model_name: str,
    written: Written,
) -> Provenance:
    settings = ports.settings
    price = settings.openai_price_input * written.prompt_tokens + settings.openai_price_output * written.reply_tokens
    return Provenance(
        model=model_name,
        prompt_version=prompts.version(),
        intent=planned.intent,
        retrieved=tuple(Retrieved(hit.entry.id, hit.entry.version, hit.score) for hit in grounds.found.hits),
        confidence=grounds.found.confidence,
        answerable=grounds.answerable,
        attempt=progress.attempt,
        waited_ms=max(0, ports.clock.now() - question.at - round((ports.clock.monotonic() - progress.began) * 1000)),
        timings=dict(progress.timings),
        failures=tuple(progress.failures),
        prompt_tokens=written.prompt_tokens,
        reply_tokens=written.reply_tokens,
        cost_usd=round(price / 1_000_000, 6),
        escalation=planned.mood if planned.mood != "none" else "",
    )


def _measure(ports: Ports, progress: Progress, reply: Message) -> None:
    ports.telemetry.count(
        MessagesOut=1,
        CacheHits=float(reply.cached),
        CacheMisses=float(not reply.cached),
        ModelCalls=progress.model_calls,
        ModelFailures=len(progress.failures),
        Fallbacks=float(reply.finish == "fallback"),
        Escalations=float(reply.escalated),
        ResponseTimeMilliseconds=progress.timings["sent"],
        FirstDeltaMilliseconds=progress.timings.get("first_delta", progress.timings["sent"]),
    )
