"""What is counted, for one user type and one stretch of time. Everything in it adds up."""

from msgspec import Struct, field
from msgspec.structs import fields

from chalicelib.analytics.facts import Fact
from chalicelib.analytics.histogram import Histogram

Counts = dict[str, int]

MICRO = 1_000_000


class Figures(Struct, kw_only=True, omit_defaults=True):
    """Counts of turns by when they were answered; of conversations (from `sessions` on) by when they began."""

    messages: Counts = {}  # by sender
    turns: int = 0  # questions with their outcome
    finishes: Counts = {}
    intents: Counts = {}
    topics: Counts = {}  # turns by the entry that they were answered from
    cached: int = 0
    unknown: int = 0  # the knowledge had nothing on it
    failures: Counts = {}  # of the model, by kind
    response: Histogram = field(default_factory=Histogram)  # ms
    first_words: Histogram = field(default_factory=Histogram)  # ms
    prompt_tokens: int = 0
    reply_tokens: int = 0
    cost_micro_usd: int = 0
    actions: Counts = {}  # links followed and the like
    turns_by_hour: Counts = {}  # of the local week: "1-13" is Monday from 13 to 14; in days only

    sessions: int = 0
    outcomes: Counts = {}  # how conversations ended up: analytics/sessions.py
    escalations: Counts = {}  # conversations by why a person was first brought in
    helpful: int = 0  # answers, by what was last said of each
    unhelpful: int = 0
    ratings: Counts = {}  # conversations by their stars
    session_topics: Counts = {}  # conversations by entry
    unresolved_topics: Counts = {}  # those of them that were not resolved, or came back
    duration: Histogram = field(default_factory=Histogram)  # ms from the first to the last turn
    sessions_by_hour: Counts = {}  # as turns_by_hour

    def add(self, other: "Figures") -> None:
        for name in _NAMES:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, Histogram):
                mine.merge(theirs)
            elif isinstance(mine, dict):
                merge(mine, theirs)
            else:
                setattr(self, name, mine + theirs)

    def count(self, fact: Fact) -> None:
        """Count what a fact tells by itself, without its conversation."""
        if fact.sender:
            increment(self.messages, fact.sender)
        if fact.kind == "action":
            increment(self.actions, fact.action)
        if fact.kind == "reply":
            self._count_reply(fact)

    def _count_reply(self, fact: Fact) -> None:
        self.turns += 1
        if fact.finish:
            increment(self.finishes, fact.finish)
        if fact.intent:
            increment(self.intents, fact.intent)
            self.unknown += not fact.known
        for entry in fact.entries:
            increment(self.topics, entry)
        for failure in fact.failures:
            increment(self.failures, failure)
        self.cached += fact.cached
        self.prompt_tokens += fact.prompt_tokens
        self.reply_tokens += fact.reply_tokens
        self.cost_micro_usd += round(fact.cost_usd * MICRO)
        if fact.response_ms is not None:
            self.response.add(fact.response_ms)
            self.first_words.add(fact.first_ms if fact.first_ms is not None else fact.response_ms)


ByUserType = dict[str, Figures]
_NAMES = tuple(one.name for one in fields(Figures))


def increment(counts: Counts, name: str, by: int = 1) -> None:
    counts[name] = counts.get(name, 0) + by


def merge(counts: Counts, others: Counts) -> None:
    for name, count in others.items():
        increment(counts, name, count)


def of(figures: ByUserType, user_type: str) -> Figures:
    """The figures of a user type, made when there are none yet."""
    return figures.setdefault(user_type, Figures())


def total(figures: ByUserType, user_type: str = "") -> Figures:
    """Of one user type, or of all."""
    summed = Figures()
    for kind, one in figures.items():
        if user_type in ("", kind):
            summed.add(one)
    return summed
