"""The composition root: builds what stands behind the ports from the settings, lazily, each once."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from aws_lambda_powertools import Logger
from msgspec.structs import replace

from chalicelib import settings as settings_module
from chalicelib.adapters.blobs import DirectoryBlobs, MemoryBlobs
from chalicelib.adapters.data_dir import DataDir
from chalicelib.adapters.keyless import KeylessModel
from chalicelib.adapters.memory import MemoryBreaker, MemoryLimiter, MemoryLive, MemoryPresence
from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.adapters.sqlite_knowledge import SQLiteKnowledge
from chalicelib.adapters.sqlite_people import SQLitePeople
from chalicelib.adapters.sqlite_rollups import SQLiteRollups
from chalicelib.adapters.system import RandomIds, SystemClock
from chalicelib.adapters.telemetry import LogTelemetry, make_logger
from chalicelib.analytics import calendar
from chalicelib.analytics.ports import Rollups
from chalicelib.analytics.rollups import Counting
from chalicelib.chat import exports
from chalicelib.chat.ports import (
    Breaker,
    Limiter,
    Live,
    Model,
    Outbox,
    Ports,
    Presence,
    Queue,
    Sessions,
)
from chalicelib.errors import SettingsError
from chalicelib.knowledge import seed, seeding
from chalicelib.knowledge.entries import Library
from chalicelib.knowledge.following import Follower
from chalicelib.knowledge.jobs import Office
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.ports import Blobs, Bulletin, KnowledgeStore
from chalicelib.knowledge.search import Index
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.adapters.dynamodb import DynamoDBSessions
    from chalicelib.adapters.dynamodb_people import DynamoDBPeople
    from chalicelib.adapters.oidc import OIDC

DATABASE, KNOWLEDGE, ANALYTICS = "assistant.sqlite3", "knowledge.sqlite3", "analytics.sqlite3"
PEOPLE, BLOBS = "people.sqlite3", "blobs"


class Shared(NamedTuple):
    """What holds across processes. `available` is whether it works at the moment: without Redis all are let through."""

    limiter: Limiter
    presence: Presence
    live: Live
    breaker: Breaker
    bulletin: Bulletin
    available: Callable[[], bool]


class Services:
    """Everything one process needs, for one set of settings."""

    def __init__(self, settings: Settings, outbox: Outbox | None = None, queue: Queue | None = None) -> None:
        self.settings = settings
        self._data = DataDir(None if settings.store == "memory" else Path(settings.data_dir))
        self._outbox = outbox
        self._queue = queue

    @cached_property
    def logger(self) -> Logger:
        try:
            return make_logger(self.settings)
        except OSError as error:
            raise SettingsError(f"LOG_FILE: {self.settings.log_file} cannot be written ({error.strerror}).") from error

    @cached_property
    def ports(self) -> Ports:
        clock, shared, people = SystemClock(), self.shared, self._people()
        return Ports(
            settings=self.settings,
            clock=clock,
            ids=RandomIds(),
            sessions=self.sessions,
            handoffs=people,
            notices=people,
            queue=self.queue,
            outbox=self.outbox,
            limiter=shared.limiter,
            presence=shared.presence,
            live=shared.live,
            breaker=shared.breaker,
            telemetry=LogTelemetry(self.settings, self.logger),
            model=lambda: self.model,
            knowledge=lambda: self.follower.current(),
            token_keys=self.token_keys,
            identity_keys=self.identity_keys,
        )

    @property
    def sessions(self) -> Sessions:
        return self._conversations

    @cached_property
    def counting(self) -> Counting:
        """What rollups read and write. The store of conversations has the facts."""
        try:
            zone = calendar.zone_of(self.settings.time_zone)
        except ValueError as error:
            wrong = f"TIME_ZONE: {self.settings.time_zone!r} is no time zone whose days begin on a whole hour of UTC."
            raise SettingsError(wrong) from error
        return Counting(self._conversations, self._rollups(), zone)

    @cached_property
    def _conversations(self) -> "SQLiteSessions | DynamoDBSessions":
        if self.settings.store == "dynamodb":
            from chalicelib.adapters.dynamodb import DynamoDBSessions  # slow to import

            return DynamoDBSessions(self.settings, SystemClock())
        return self._data.open(SQLiteSessions, DATABASE)

    def _people(self) -> "SQLitePeople | DynamoDBPeople":
        if self.settings.store == "dynamodb":
            from chalicelib.adapters.dynamodb_people import DynamoDBPeople  # slow to import

            return DynamoDBPeople(self.settings, SystemClock())
        return self._data.open(SQLitePeople, PEOPLE)

    def _rollups(self) -> Rollups:
        if self.settings.store == "dynamodb":
            from chalicelib.adapters.dynamodb_rollups import DynamoDBRollups  # slow to import

            return DynamoDBRollups(self.settings)
        return self._data.open(SQLiteRollups, ANALYTICS)

    @cached_property
    def queue(self) -> Queue:
        """SQS where QUEUE_URL names it, else the runtime's queue."""
        if self._queue and not self.settings.queue_url:
            return self._queue
        from chalicelib.adapters.sqs import SQSQueue  # slow to import, and one machine needs none of it

        return SQSQueue(_set(self.settings.queue_url, "QUEUE_URL"), self.settings.aws_region)

    @cached_property
    def outbox(self) -> Outbox:
        """The runtime's sockets where there are any, else API Gateway's."""
        if self._outbox:
            return self._outbox
        from chalicelib.adapters.apigateway import ConnectionsOutbox  # slow to import

        return ConnectionsOutbox(_set(self.settings.connections_url, "CONNECTIONS_URL"), self.settings.aws_region)

    @cached_property
    def shared(self) -> Shared:
        """What all processes must agree on: Redis where it is configured, else the memory of this one process."""
        if not self.settings.cache_url:
            monotonic = SystemClock().monotonic
            breaker = MemoryBreaker(monotonic)
            live = MemoryLive(monotonic, breaker)
            return Shared(MemoryLimiter(monotonic), MemoryPresence(), live, breaker, live, lambda: True)
        # slow to import, and one machine needs none of it
        from chalicelib.adapters.redis import RedisBreaker, RedisLimiter, RedisLive
        from chalicelib.adapters.redis_client import Cache
        from chalicelib.adapters.redis_presence import RedisPresence

        cache = Cache(self.settings.cache_url, cluster=self.settings.redis_cluster, log=self.logger.warning)
        presence = RedisPresence(cache, holds_sockets=not self.settings.deployed)
        redis_live = RedisLive(cache)
        both = redis_live, RedisBreaker(cache), redis_live
        return Shared(RedisLimiter(cache), presence, *both, lambda: cache.available)

    @cached_property
    def knowledge_store(self) -> KnowledgeStore:
        """With the seed in it; on a deployed stage the sweep sows it: no question waits. Raises Unavailable."""
        store = self._knowledge_store()
        if not self.settings.deployed:
            sow(store)
        return store

    @cached_property
    def blobs(self) -> Blobs:
        if self.settings.blobs_bucket:
            from chalicelib.adapters.s3 import S3Blobs  # slow to import

            settings = self.settings
            return S3Blobs(settings.blobs_bucket, settings.aws_region, settings.blobs_endpoint_url)
        return (
            MemoryBlobs() if self.settings.store == "memory" else DirectoryBlobs(Path(self.settings.data_dir) / BLOBS)
        )

    @cached_property
    def follower(self) -> Follower:
        monotonic = SystemClock().monotonic
        parts = (self.knowledge_store, self.blobs, self.shared.bulletin)
        return Follower(*parts, self.build_index, monotonic, self.logger.warning)

    def build_index(self, entries: Sequence[Entry]) -> Index:
        return Index(entries, seed.synonyms())

    @cached_property
    def library(self) -> Library:
        clock = SystemClock()
        return Library(self.knowledge_store, self.shared.bulletin, clock.now, RandomIds().new, clock.sleep)

    @cached_property
    def office(self) -> Office:
        export = partial(exports.export, self.ports, self.counting.facts, self.blobs)
        return Office(self.library, self.blobs, {"conversations": export})

    @cached_property
    def model(self) -> Model:
        """The model service, or the knowledge alone when there is neither a key nor an address."""
        if not self.settings.openai_api_key and not self.settings.openai_base_url:
            return KeylessModel(SystemClock(), self.settings.typing_pause_ms / 1000)
        from chalicelib.adapters.openai import OpenAIModel  # slow to import, and only a worker needs it

        return OpenAIModel(self.settings)

    @cached_property
    def token_keys(self) -> tuple[str, ...]:
        return self.settings.token_keys or (self._data.secret("token-key"),)

    @cached_property
    def identity_keys(self) -> tuple[str, ...]:
        """Of the host site; where nothing is deployed the demo site has a key of its own."""
        if self.settings.identity_keys or self.settings.deployed:
            return self.settings.identity_keys
        return (self._data.secret("identity-key"),)

    @cached_property
    def admin_key(self) -> str:
        """The administrator key made for this machine; "" when the settings bring their own."""
        return "" if self.settings.admin_keys else self._data.secret("admin-key")

    @cached_property
    def admin_keys(self) -> tuple[str, ...]:
        return self.settings.admin_keys or (f"admin:{sha256(self.admin_key.encode()).hexdigest()}",)

    @cached_property
    def oidc(self) -> "OIDC | None":
        """Whose tokens administrators may bring; None where they have keys only."""
        if not self.settings.oidc_issuer:
            return None
        from chalicelib.adapters.oidc import OIDC  # cryptography takes 100 ms to import

        return OIDC(self.settings.oidc_issuer, self.settings.oidc_audience)

    def _knowledge_store(self) -> KnowledgeStore:
        if self.settings.store == "dynamodb":
            from chalicelib.adapters.dynamodb_knowledge import DynamoDBKnowledge  # slow to import

            return DynamoDBKnowledge(self.settings)
        return self._data.open(SQLiteKnowledge, KNOWLEDGE)


def sow(store: KnowledgeStore) -> None:
    """Bring in what is new in the seed; one small read when nothing is. Raises Unavailable."""
    seeding.sow(store, seed.entries(), SystemClock().now())


_state: dict[str, Services] = {}


def use(*, outbox: Outbox, queue: Queue | None, redis_url: str) -> Services:
    """Take the runtime's sockets, its queue (None: SQS) and, where no setting names another, its Redis ("": none).

    Called once, before the first event.
    """
    settings = settings_module.read()
    if redis_url and not settings.cache_url:
        settings = replace(settings, redis_url=redis_url)
    _state["current"] = Services(settings, outbox, queue)
    return _state["current"]


def current() -> Services:
    """The services of this process, made from its environment at the first call."""
    if "current" not in _state:
        _state["current"] = Services(settings_module.read())
    return _state["current"]


def _set(value: str, name: str) -> str:
    if not value:
        raise SettingsError(f"{name}: missing; only the portable runtime (`make run`) does without it.")
    return value


def worker_concurrency() -> int:
    """How many replies may be written at once; a decorator needs it while app.py is imported."""
    return settings_module.read().worker_concurrency
