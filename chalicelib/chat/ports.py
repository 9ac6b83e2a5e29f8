"""What the conversation needs from outside, one small protocol each; adapters/ has what stands behind them.

A port exists only where two adapters do, or where a test must be able to hold time still.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct

from chalicelib.chat.model import Answer, Connection, Header, Message, Note, Tail
from chalicelib.chat.people import Audience, Handoffs, Notices
from chalicelib.knowledge.following import Knowledge
from chalicelib.settings import Settings


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since 1970 UTC."""

    def monotonic(self) -> float:
        """Seconds, for measuring."""

    def sleep(self, seconds: float) -> None: ...


class Ids(Protocol):
    def new(self) -> str:
        """An unguessable id of letters, digits and `_`."""


class Sessions(Protocol):
    """The store of conversations. Every read sees every write that returned before it."""

    def connection(self, connection_id: str) -> Connection | None: ...

    def save_connection(self, connection: Connection) -> None: ...

    def drop_connection(self, connection_id: str) -> None: ...

    def open_sockets(self, audience: Audience, after: str, limit: int) -> tuple[list[str], str]:
        """About `limit` open sockets of those people, and where to go on: "" at the beginning, and when there are no
        more. Operators' are left out. Not every store sees the sockets of the last moments here."""

    def create(self, header: Header, first: Message) -> bool:
        """Store a new conversation with the message at `seq` 1; False when there is one of that id."""

    def tail(self, session_id: str, newest: int) -> Tail | None:
        """Header and the newest messages, or None when there is no such conversation."""

    def append(self, message: Message) -> bool:
        """Store `message` at its `seq`; False, and nothing stored, when that place is taken."""

    def save_header(self, header: Header) -> bool:
        """Replace the header whose version is `header.version - 1`; False when it has moved on."""

    def before(self, session_id: str, seq: int, limit: int) -> list[Message]:
        """At most `limit` messages with a smaller `seq`, the newest of them, oldest first."""

    def after(self, session_id: str, seq: int, limit: int) -> list[Message]:
        """At most `limit` messages with a greater `seq`, the oldest of them, oldest first."""

    def save_note(self, note: Note) -> None: ...

    def notes(self, session_id: str) -> list[Note]: ...

    def unanswered(self, since: int, until: int) -> list[Message]:
        """The people's messages stored in that time (ms) that have no outcome, oldest first."""

    def swept(self) -> int:
        """The time (ms) before which every question has its outcome, as far as the last sweep saw; 0 before any."""

    def save_swept(self, until: int) -> None: ...


class Queue(Protocol):
    def send(self, body: str, group: str, deduplication_id: str) -> None:
        """Keep `body` until a worker has handled it; one at a time and in order within `group`."""

    def release(self, receipt: str) -> None:
        """Deliver a message again at once, because its worker failed."""


class Outbox(Protocol):
    def post(self, connection_id: str, data: str) -> bool:
        """Send one text frame; False when that browser is gone."""

    def close(self, connection_id: str) -> bool: ...


class Bucket(Struct, frozen=True):
    """A rate limit: `per_minute` in the long run, `capacity` at once."""

    key: str
    per_minute: float
    capacity: int


SEEN_SECONDS = 3600


class Taken(Struct, frozen=True):
    """0, or the seconds until every bucket has one; and whether the message came before, at most SEEN_SECONDS ago."""

    wait: float
    seen: bool = False


class Limiter(Protocol):
    @property
    def available(self) -> bool:
        """Whether `take` counts for all processes at the moment; when not, each counts for itself."""

    def take(self, buckets: Sequence[Bucket], message: str = "") -> Taken:
        """Take one from every bucket, or from none; note that `message` (a name) has come, let through or not."""


class Place(Struct, frozen=True):
    """A place to take in `group`, which holds at most `most` members; a member may come with several sockets."""

    group: str
    member: str
    most: int


class Presence(Protocol):
    """Who has an open socket now."""

    def arrive(self, connection_id: str, places: Sequence[Place]) -> bool:
        """Take all the places for one socket, or none of them and False when one group is full."""

    def leave(self, connection_id: str) -> None:
        """Give back every place of a socket."""

    def count(self, group: str) -> int: ...


class Trip(Struct, frozen=True):
    """What a writer learns with each batch: whether to stop, and which sockets have joined since the last."""

    cancelled: bool
    joined: tuple[str, ...] = ()


class Share(Struct, frozen=True):
    """The name an answer is shared under, and the knowledge's version that it comes from."""

    key: str
    knowledge: int


class Opening(Struct, frozen=True):
    """What a writer learns when it begins: `shared`, an answer that others got before, is as good as new.

    `fresh`: the knowledge has not moved on, as far as anybody has said; so a new answer may be shared too.
    """

    trip: Trip
    shared: Answer | None = None
    model_in_use: bool = True
    fresh: bool = False


class Keepsake(Struct, frozen=True):
    """An answer to share under `key` for so many seconds."""

    key: str
    answer: Answer
    seconds: int


class Live(Protocol):
    """The replies being written now: text so far for late joiners, the cancel flag, and the answers people share.

    Each call is one trip, with whatever else a reply needs at that moment. Its adapters are the Bulletin too.
    """

    def begin(self, session_id: str, reply_id: str, share: Share | None = None, model: str = "") -> Opening:
        """Start, or start over, with no text so far; look for the answer shared as `share`, and how `model` does."""

    def extend(self, session_id: str, reply_id: str, text: str) -> Trip:
        """Add `text`, unless cancelled."""

    def join(self, session_id: str, connection_id: str) -> None:
        """Let the writer, if there is one, know of a socket that came late."""

    def cancel(self, session_id: str, reply_id: str) -> str:
        """Stop the writer at its next batch; the text so far, and nothing after it is shown."""

    def end(self, session_id: str, reply_id: str, keep: Keepsake | None = None, worked: str = "") -> Trip:
        """Forget the reply, keep its answer for others, and note that the model named `worked` did."""


class Breaker(Protocol):
    """Skips a service that keeps failing, and lets one caller try it again after a while."""

    def allows(self, name: str) -> bool:
        """Whether to call the service now; the one caller that tries it again is told yes."""

    def closed(self, name: str) -> bool:
        """Whether the service is in normal use; asking changes nothing."""

    def record(self, name: str, ok: bool) -> None: ...


class Prompt(Struct, frozen=True, kw_only=True):
    """What a model is given. `grounded` is the answer the knowledge alone would give."""

    system: str
    turns: tuple[tuple[str, str], ...]  # (role, content), oldest first, the question last
    grounded: str
    version: str


class Piece(Struct, frozen=True):
    """A part of a model's stream; the last one has `finish` (`stop`, `length`, …)."""

    text: str = ""
    finish: str = ""
    prompt_tokens: int = 0
    reply_tokens: int = 0


class ModelFailed(Exception):
    """The model gave no whole answer. `kind` is one word for logs; `retry_after` in seconds."""

    def __init__(self, kind: str, *, retryable: bool, retry_after: float = 0.0) -> None:
        super().__init__(kind)
        self.kind = kind
        self.retryable = retryable
        self.retry_after = retry_after


class Stream(Protocol):
    """An answer on its way. Iterating raises ModelFailed; `close` may be called from another thread."""

    def __iter__(self) -> "Stream": ...

    def __next__(self) -> Piece: ...

    def close(self) -> None: ...


class Model(Protocol):
    name: str

    def stream(self, prompt: Prompt, timeout: float) -> Stream:
        """Ask; `timeout` is the longest silence in seconds. Raises ModelFailed."""


class Telemetry(Protocol):
    def step(self, name: str, **facts: object) -> None:
        """A step of a turn was reached (docs/turn.md lists them); ids and numbers only, never text."""

    def count(self, **metrics: float) -> None:
        """Add to counters and timings; names end in their unit where they have one."""


@dataclass(frozen=True)
class Ports:
    """All of the above, as one argument."""

    settings: Settings
    clock: Clock
    ids: Ids
    sessions: Sessions
    handoffs: Handoffs
    notices: Notices
    queue: Queue
    outbox: Outbox
    limiter: Limiter
    presence: Presence
    live: Live
    breaker: Breaker
    telemetry: Telemetry
    model: Callable[[], Model]  # a call, because importing a vendor's client is slow and only the worker needs it
    knowledge: Callable[[], Knowledge]
    token_keys: tuple[str, ...]
    identity_keys: tuple[str, ...]
