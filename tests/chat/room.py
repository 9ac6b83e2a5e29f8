"""A conversation without sockets: real stores in memory, a clock that stands still, an outbox that remembers."""

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from chalicelib.adapters.memory import MemoryBreaker, MemoryLimiter, MemoryLive, MemoryPresence
from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.adapters.sqlite_people import SQLitePeople
from chalicelib.adapters.system import RandomIds
from chalicelib.chat import conversations, replies, sessions
from chalicelib.chat.model import decode_turn
from chalicelib.chat.ports import ModelFailed, Piece, Ports, Prompt, Sessions
from chalicelib.chat.protocol import decode
from chalicelib.knowledge import seed
from chalicelib.knowledge.following import Knowledge
from chalicelib.knowledge.search import Index
from chalicelib.settings import from_environment

INDEX = Index(seed.entries(), seed.synonyms())
IDENTITY_KEY = "identity-key-of-the-host-site-0123456789"
MESSAGE_ID = "0f8b7c1e-0000-4000-8000-{:012d}"


class StillClock:
    """Time passes only when somebody sleeps, or the test says so."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def now(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Outbox:
    def __init__(self) -> None:
        self.posted: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.gone: set[str] = set()

    def post(self, connection_id: str, data: str) -> bool:
        if connection_id not in self.gone:
            self.posted[connection_id].append(json.loads(data))
        return connection_id not in self.gone

    def close(self, connection_id: str) -> bool:
        return connection_id not in self.gone


class Queue:
    """Keeps turns until the test hands them over."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send(self, body: str, group: str, deduplication_id: str) -> None:
        self.bodies.append(body)

    def release(self, receipt: str) -> None:
        """Turns stay where they are until the test takes them."""


class Telemetry:
    def __init__(self) -> None:
        self.steps: list[str] = []
        self.counted: dict[str, float] = defaultdict(float)

    def step(self, name: str, **facts: object) -> None:
        self.steps.append(name)

    def count(self, **metrics: float) -> None:
        for name, value in metrics.items():
            self.counted[name] += value


class ScriptedModel:
    """Answers each call with the next script: words, or a failure to raise after them."""

    name = "scripted"

    def __init__(self, *scripts: Iterable[str | ModelFailed]) -> None:
        self._scripts = list(scripts)
        self.prompts: list[Prompt] = []

    def stream(self, prompt: Prompt, timeout: float) -> "ScriptedStream":
        self.prompts.append(prompt)
        return ScriptedStream(self._scripts.pop(0))


class ScriptedStream:
    def __init__(self, script: Iterable[str | ModelFailed]) -> None:
        self._steps = iter(script)
        self._ended = False

    def __iter__(self) -> "ScriptedStream":
        return self

    def __next__(self) -> Piece:
        for step in self._steps:
            if isinstance(step, ModelFailed):
                raise step
            return Piece(text=step)
        if self._ended:
            raise StopIteration
        self._ended = True
        return Piece(finish="stop", prompt_tokens=100, reply_tokens=10)

    def close(self) -> None:
        pass


class Room:
    """Ports on memory, or on the store that is given, and what a person does with them."""

    def __init__(self, model: ScriptedModel | None = None, store: Sessions | None = None, **settings: str) -> None:
        self.clock, self.outbox, self.queue, self.telemetry = StillClock(), Outbox(), Queue(), Telemetry()
        self.store = store or SQLiteSessions(None)
        self.model = model or ScriptedModel()
        self.breaker = MemoryBreaker(self.clock.monotonic)
        self.knowledge = Knowledge(1, INDEX)
        self.live = MemoryLive(self.clock.monotonic, self.breaker)
        people = SQLitePeople(None)
        self.ports = Ports(
            settings=from_environment({"IDENTITY_KEYS": IDENTITY_KEY, "CACHE_TTL_SECONDS": "0", **settings}),
            clock=self.clock,
            ids=RandomIds(),
            sessions=self.store,
            handoffs=people,
            notices=people,
            queue=self.queue,
            outbox=self.outbox,
            limiter=MemoryLimiter(self.clock.monotonic),
            presence=MemoryPresence(),
            live=self.live,
            breaker=self.breaker,
            telemetry=self.telemetry,
            model=lambda: self.model,
            knowledge=lambda: self.knowledge,
            token_keys=("a-key-of-at-least-thirty-two-characters",),
            identity_keys=(IDENTITY_KEY,),
        )
        self._messages = 0

    def with_outbox(self, outbox: Outbox) -> Ports:
        """The same ports with another way to browsers."""
        self.outbox = outbox
        return dataclasses.replace(self.ports, outbox=outbox)

    def start(self, connection_id: str = "tab", ip: str = "10.0.0.1", **fields: Any) -> list[Any]:
        frame = decode(json.dumps({"action": "startSession", **fields}))
        return sessions.start(self.ports, connection_id, ip, frame)  # type: ignore[arg-type]

    def do(self, action: str, connection_id: str = "tab", **fields: Any) -> list[Any]:
        """Run any action but startSession; the frames that answer it. Raises ChatError."""
        frame = decode(json.dumps({"action": action, **fields}))
        function = getattr(conversations, "".join(f"_{c.lower()}" if c.isupper() else c for c in action))
        answer: list[Any] = function(self.ports, sessions.connection_of(self.ports, connection_id), frame)
        return answer

    def say(self, content: str, connection_id: str = "tab", message_id: str = "", **fields: Any) -> Any:
        """Send a message; its `accepted`."""
        self._messages += 1
        message_id = message_id or MESSAGE_ID.format(self._messages)
        return self.do("sendMessage", connection_id, clientMessageId=message_id, content=content, **fields)[0]

    def work(self, attempt: int = 1) -> None:
        """Answer every turn in the queue."""
        while self.queue.bodies:
            replies.answer(self.ports, decode_turn(self.queue.bodies.pop(0)), attempt)

    def ask(self, content: str, **fields: Any) -> dict[str, Any]:
        """Say something and let it be answered; the reply as `tab` sees it."""
        accepted = self.say(content, **fields)
        self.work()
        return next(
            f for f in reversed(self.seen()) if f["type"] == "message" and f.get("inReplyTo") == accepted.message_id
        )

    def seen(self, connection_id: str = "tab") -> list[dict[str, Any]]:
        return self.outbox.posted[connection_id]
