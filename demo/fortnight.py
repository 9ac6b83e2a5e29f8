"""Generated conversations, the same for the same seed: hours, weekdays, subjects, follow-ups, troubles, ratings."""

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from chalicelib.analytics.facts import Earlier
from chalicelib.chat.model import (
    Finish,
    Header,
    Message,
    Note,
    Origin,
    Provenance,
    Retrieved,
    Sender,
    Source,
    UserType,
    notice_id,
    question_id,
    reply_id,
)
from chalicelib.knowledge.model import Entry

PHRASES = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text("utf-8"))
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
ZONE = ZoneInfo("America/Sao_Paulo")
BY_HOUR = (2, 1, 1, 1, 1, 2, 5, 9, 14, 18, 20, 18, 13, 13, 16, 18, 17, 16, 17, 19, 17, 12, 7, 4)
BY_WEEKDAY = (12, 11, 10, 10, 10, 7, 4)
USER_TYPES: tuple[UserType, ...] = ("client", "provider", "anonymous")
PRICE_IN, PRICE_OUT = 0.4e-6, 1.6e-6  # US dollars a token


@dataclass(frozen=True)
class Conversation:
    header: Header
    messages: tuple[Message, ...]
    notes: tuple[Note, ...]


def conversations(
    entries: Sequence[Entry], until: int, *, days: int = 14, count: int = 2_000, seed: int = 47
) -> Iterator[Conversation]:
    """`count` of them, begun in the `days` before `until` (ms); some of them by people who come back."""
    fortnight = _Fortnight(random.Random(seed), entries, until, days)
    written = 0
    while written < count:
        for one in fortnight.visits(count - written):
            written += 1
            yield one


@dataclass
class _Fortnight:
    chance: random.Random
    entries: Sequence[Entry]
    until: int
    days: int

    def visits(self, most: int) -> Iterator[Conversation]:
        """One person's conversations: one, or another within a few days."""
        user_type = self.chance.choices(USER_TYPES, (50, 15, 35))[0]
        name = f"{self.chance.getrandbits(60):015x}"
        owner = f"visitor:{name}" if user_type == "anonymous" else f"user:{name}"
        subject = self._subject(user_type)
        first = self._talk(owner, user_type, self._begins(), subject, None)
        yield first
        last = first.messages[-1].at
        again = last + round(self.chance.expovariate(1 / (2 * DAY_MS))) + HOUR_MS
        if most > 1 and again < self.until - HOUR_MS and self.chance.random() < 0.12:
            same = self.chance.random() < 0.5
            earlier = Earlier(first.header.session_id, first.header.created_at)
            yield self._talk(owner, user_type, again, subject if same else self._subject(user_type), earlier)

    def _begins(self) -> int:
        """A moment of the fortnight, as likely as its hour and its weekday make it."""
        while True:
            at = self.until - HOUR_MS - self.chance.randrange(self.days * DAY_MS - HOUR_MS)
            clock = datetime.fromtimestamp(at / 1000, ZONE)
            if self.chance.random() * 240 < BY_HOUR[clock.hour] * BY_WEEKDAY[clock.weekday()]:
                return at

    @cached_property
    def _subjects(self) -> dict[str, list[Entry]]:
        """Entries by who may be told, those most asked for first."""
        order = list(self.entries)
        self.chance.shuffle(order)
        order.sort(key=lambda entry: entry.category != "service")
        wrong = {"client": "providers", "provider": "clients", "anonymous": "providers"}
        return {kind: [e for e in order if e.questions and e.audience != no] for kind, no in wrong.items()}

    def _subject(self, user_type: str) -> Entry:
        """By Zipf's law."""
        some = self._subjects[user_type]
        return self.chance.choices(some, [1 / (rank + 2) for rank in range(len(some))])[0]

    def _talk(self, owner: str, user_type: UserType, at: int, subject: Entry, earlier: Earlier | None) -> Conversation:
        talk = _Talk(self.chance, f"{self.chance.getrandbits(96):024x}", user_type, at, earlier)
        if self.chance.random() < 0.07:
            return talk.whole(owner)  # opened, and nothing asked
        if self.chance.random() < 0.3:
            talk.small_talk("hello", "greeting")
        for _ in range(1 + min(5, int(self.chance.expovariate(0.9)))):
            talk.turn(subject)
            if self.chance.random() < 0.25:
                subject = self._subject(user_type)
        if self.chance.random() < 0.05:
            talk.escalate()
        elif self.chance.random() < 0.3:
            talk.small_talk("thanks", "gratitude")
        talk.rate()
        return talk.whole(owner)


@dataclass
class _Talk:
    """One conversation as it goes on; `at` is its clock."""

    chance: random.Random
    session_id: str
    user_type: UserType
    at: int
    earlier: Earlier | None
    messages: list[Message] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.at
        self._say("assistant", "Oi! Eu sou a Sophie. Em que posso ajudar?", notice_id(self.session_id, 1))

    def turn(self, entry: Entry) -> None:
        luck = self.chance.random()
        if luck < 0.08:
            self._ask(self.chance.choice(PHRASES["unknown"]))
            self._reply(PHRASES["unknown_back"], known=False, retrieved=entry)
        elif luck < 0.11:
            self._ask(self.chance.choice(PHRASES["complaint"]))
            self._reply(PHRASES["complaint_back"], intent="complaint", entry=entry)
        elif luck < 0.125:
            self._ask(self.chance.choice(entry.questions))
            self._reply("", finish="cancelled", came=False)
        elif luck < 0.145:
            self._ask(self.chance.choice(entry.questions))
            words = f"{PHRASES['fallback']}\n\n{entry.paragraphs[0]}"
            self._reply(words, finish="fallback", entry=entry, failures=("timeout",))
        else:
            self._ask(self.chance.choice(entry.questions))
            self._reply(entry.paragraphs[0], entry=entry, cached=self.chance.random() < 0.35)
        self._react(entry)

    def small_talk(self, kind: str, intent: str) -> None:
        self._ask(self.chance.choice(PHRASES[kind]))
        self._reply(PHRASES[f"{kind}_back"], intent=intent)

    def escalate(self) -> None:
        why = self.chance.choices(("person", "strong"), (3, 1))[0]
        self._ask(self.chance.choice(PHRASES["person" if why == "person" else "angry"]))
        self._reply(PHRASES["escalated_back"], escalation=why)

    def rate(self) -> None:
        if self.chance.random() < 0.22:
            stars = self.chance.choices((1, 2, 3, 4, 5), (6, 5, 12, 30, 47))[0]
            comment = self.chance.choice(PHRASES["comments"])
            self._note("rating", kind="rating", rating=stars, comment=comment)

    def whole(self, owner: str) -> Conversation:
        header = Header(
            session_id=self.session_id, owner=owner, user_type=self.user_type, locale="pt-BR", created_at=self.began,
            earlier=self.earlier,
        )  # fmt: skip
        return Conversation(header, tuple(self.messages), tuple(self.notes))

    def _react(self, entry: Entry) -> None:
        answered = self.messages[-1].message_id
        self._pass(2, 20)
        if self.chance.random() < 0.22:
            helpful = self.chance.random() < (0.88 if self.messages[-1].sources else 0.2)
            self._note(f"feedback#{answered}", kind="feedback", message_id=answered, helpful=helpful)
        if entry.url and self.chance.random() < 0.2:
            self._note(
                f"action#{self.at}#{answered}", kind="action", target=entry.url, target_kind="link", message_id=answered
            )

    def _ask(self, content: str) -> None:
        self._pass(4, 60)
        self._say("user", content, question_id(self.session_id, len(self.messages) + 1))

    def _reply(self, content: str, *, finish: Finish = "complete", came: bool = True, **how: object) -> None:
        question = self.messages[-1]
        cached, entry = bool(how.get("cached")), how.get("entry")
        first = round(self.chance.lognormvariate(2.5 if cached else 6.3, 0.4))
        written = first + (4 if cached else 3 * len(content))
        self.at += 20 + written
        self._say(
            "assistant", content, reply_id(question), in_reply_to=question.message_id, finish=finish, cached=cached,
            sources=(Source(entry.id, entry.version, entry.title, entry.url),) if isinstance(entry, Entry) else (),
            escalated=bool(how.get("escalation")),
            provenance=self._provenance(first, written, content, how) if came else None,
        )  # fmt: skip

    def _provenance(self, first: int, written: int, content: str, how: dict[str, object]) -> Provenance:
        asked, paid = how.get("entry") or how.get("retrieved"), not (how.get("cached") or how.get("escalation"))
        prompt, reply = (900 + self.chance.randrange(600), len(content) // 3) if paid else (0, 0)
        return Provenance(
            model="demo" if paid else "cache" if how.get("cached") else "fixed",
            prompt_version="demo",
            intent=str(how.get("intent", "service_inquiry" if how.get("entry") else "general")),
            retrieved=(Retrieved(asked.id, asked.version, 9.0),) if isinstance(asked, Entry) else (),
            confidence=0.9 if how.get("entry") else 0.1,
            answerable=bool(how.get("entry")),
            known=bool(how.get("known", True)),
            waited_ms=20,
            timings={"first_delta": first, "written": written},
            failures=how.get("failures", ()),  # type: ignore[arg-type]
            prompt_tokens=prompt,
            reply_tokens=reply,
            cost_usd=round(prompt * PRICE_IN + reply * PRICE_OUT, 6),
            escalation=str(how.get("escalation", "")),
        )

    def _say(self, sender: Sender, content: str, message_id: str, **parts: object) -> None:
        first = not any(message.sender == "user" for message in self.messages)
        asked = next((m for m in self.messages if m.message_id == parts.get("in_reply_to")), None)
        origin = asked.origin if asked else self._origin(self.earlier if sender == "user" and first else None)
        message = Message(
            session_id=self.session_id, seq=len(self.messages) + 1, message_id=message_id, at=self.at, sender=sender,
            content=content, origin=origin, **parts,  # type: ignore[arg-type]
        )  # fmt: skip
        self.messages.append(message)

    def _note(self, key: str, **parts: object) -> None:
        note = Note(session_id=self.session_id, key=key, at=self.at, origin=self._origin(None), **parts)  # type: ignore[arg-type]
        self.notes.append(note)

    def _origin(self, earlier: Earlier | None) -> Origin:
        return Origin(self.user_type, self.began, earlier)

    def _pass(self, least: int, most: int) -> None:
        """Seconds go by; now and then somebody leaves for a while."""
        pause = self.chance.uniform(least, most) + (self.chance.random() < 0.04) * self.chance.uniform(600, 9_000)
        self.at += round(pause * 1000)
