"""How a reply came about: what is learnt while it is written, kept with it, and counted."""

from dataclasses import dataclass, field

from chalicelib.chat import prompts
from chalicelib.chat.answers import Plan
from chalicelib.chat.model import Message, Provenance, Retrieved
from chalicelib.chat.ports import Ports
from chalicelib.chat.retrieval import Grounds
from chalicelib.chat.stream import Written


@dataclass
class Progress:
    """`attempt` counts the turn's deliveries from 1; `began` is when the worker took it, monotonic seconds."""

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


def provenance(
    progress: Progress, question: Message, grounds: Grounds, plan: Plan, by: str, written: Written
) -> Provenance:
    """Of a reply whose text came from `by`: a model's name, or `cache`, `fixed`, `fallback`."""
    clock, settings = progress.ports.clock, progress.ports.settings
    price = settings.openai_price_input * written.prompt_tokens + settings.openai_price_output * written.reply_tokens
    return Provenance(
        model=by,
        prompt_version=prompts.version(),
        intent=plan.intent,
        retrieved=tuple(Retrieved(hit.entry.id, hit.entry.version, hit.score) for hit in grounds.found.hits),
        confidence=grounds.found.confidence,
        answerable=grounds.answerable,
        known=plan.known,
        follow_up=grounds.follow_up,
        attempt=progress.attempt,
        waited_ms=max(0, clock.now() - question.at - round((clock.monotonic() - progress.began) * 1000)),
        timings=dict(progress.timings),
        failures=tuple(progress.failures),
        prompt_tokens=written.prompt_tokens,
        reply_tokens=written.reply_tokens,
        cost_usd=round(price / 1_000_000, 6),
        escalation=plan.mood if plan.mood != "none" else "",
    )


def measure(progress: Progress, reply: Message) -> None:
    progress.ports.telemetry.count(
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
