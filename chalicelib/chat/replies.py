"""The worker's side of a turn: a question in, exactly one stored outcome out, whatever happens on the way."""

from msgspec.structs import replace

from chalicelib.chat import answers, calling, log, preferences, retrieval, sharing
from chalicelib.chat.compose import Composed, Task, compose
from chalicelib.chat.model import Finish, Message, Provenance, Tail, Turn, outcome_of
from chalicelib.chat.ports import Ports
from chalicelib.chat.provenance import Progress, measure, provenance
from chalicelib.chat.sessions import broadcast, change_header, forget_sockets
from chalicelib.chat.stream import Writer
from chalicelib.errors import SessionExpired


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
    settled = outcome_of(question.message_id, log.near(ports, tail, question.seq))
    if settled and attempt > 1:  # whoever stored it at the first delivery has sent it too
        broadcast(ports, tail, settled)
    if settled or tail.closed:
        return
    if tail.header.handoff == "held" and not retrieval.emergency(ports.knowledge().index, question.content):
        _hold(ports, tail, question)
    else:
        _reply(ports, progress, tail, question)


def _hold(ports: Ports, tail: Tail, question: Message) -> None:
    """Somebody of the team answers here; the log gets the marker that says so."""

    def held(seq: int) -> Message:
        return log.held(tail.header, question, seq, ports.clock.now())

    stored = log.append_reply(ports, tail, question, held)
    broadcast(ports, stored.tail, stored.message)


def _question(ports: Ports, turn: Turn) -> log.Appended | None:
    tail = ports.sessions.tail(turn.session_id, log.REPLY_TAIL)
    if tail is None:
        return None
    if turn.seq:
        found = ports.sessions.after(turn.session_id, turn.seq - 1, 1)
        return log.Appended(found[0], False, tail) if found else None
    stored = log.look_back(ports, tail, turn.client_message_id, since=turn.at)  # before the tail, when it comes late
    if stored:
        return log.Appended(stored, False, tail)
    try:
        return log.append_question(ports, tail, turn)
    except SessionExpired:
        return None  # closed before the question was stored: the browser was never told `accepted`


def _reply(ports: Ports, progress: Progress, tail: Tail, question: Message) -> None:
    knowledge = ports.knowledge()
    index = knowledge.index
    grounds = retrieval.search(index, tail, question, ports.settings.answer_threshold)
    plan = answers.plan(ports.settings, index, tail, question, grounds)
    progress.step("retrieved", question.session_id)
    tail = calling.call(ports, _remember(ports, tail, question), question, plan)
    writer = Writer(ports, tail.header, question)
    share = sharing.share(ports, knowledge, tail, question, grounds, plan)
    task = Task(ports, progress, writer, tail, question, grounds, plan, share)
    composed = compose(task)
    if writer.first_at is not None:
        progress.time("first_delta", writer.first_at)
    progress.step("written", question.session_id)
    reply = _store(task, composed)
    if reply is None:
        writer.abandon(composed.worked)
        return
    writer.finish(reply, sharing.keepsake(ports, index, composed.share, question, reply), composed.worked)
    progress.step("sent", question.session_id)
    forget_sockets(ports, tail.header, writer.gone)
    measure(progress, reply)


def _store(task: Task, composed: Composed) -> Message | None:
    """The stored reply; None when somebody who ended or cancelled it has stored and sent another outcome."""
    origin = provenance(task.progress, task.question, task.grounds, composed.plan, composed.by, composed.written)

    def reply(seq: int) -> Message:
        return _message(task.ports, task.question, composed, origin, seq)

    try:
        stored = log.append_reply(task.ports, task.tail, task.question, reply, urgent=composed.plan.urgent)
    except SessionExpired:
        return None
    task.progress.step("stored", task.question.session_id)
    if stored.fresh and stored.message.kind == "held":
        broadcast(task.ports, stored.tail, stored.message)
        return None
    return stored.message if stored.fresh else None


def _remember(ports: Ports, tail: Tail, question: Message) -> Tail:
    """Keep what the person has just said of themselves; a write only when it is news."""
    learned = preferences.learned_from(question.content)
    known = tail.header.preferences
    if not learned.items() - known.items():
        return tail
    header = change_header(ports, tail.header, lambda h: replace(h, preferences={**h.preferences, **learned}))
    return replace(tail, header=header)


_FINISH: dict[str, Finish] = {"cancelled": "cancelled", "fallback": "fallback", "length": "truncated"}


def _message(ports: Ports, question: Message, composed: Composed, origin: Provenance, seq: int) -> Message:
    plan = composed.plan
    return log.reply_to(
        question,
        seq,
        at=ports.clock.now(),
        content=composed.written.text,
        finish=_FINISH.get(composed.written.finish, "complete"),
        cached=composed.by == "cache",
        actions=plan.actions,
        sources=plan.sources,
        suggestions=plan.suggestions,
        escalated=plan.mood in ("person", "strong"),
        contact=plan.contact,
        provenance=origin,
    )
