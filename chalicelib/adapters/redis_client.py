"""Redis or Valkey, as far as it is there: scripts of one key each, and no answer at all instead of a late one.

Whatever fails (no connection, a timeout, a full or read-only server) fails once: from then on nobody asks, and a
thread looks every PAUSE_SECONDS whether Redis can be written to again. So an outage, or a Redis that has become slow,
costs a turn one timeout at most.
"""

import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any, NamedTuple

from redis import Redis, RedisCluster
from redis.backoff import NoBackoff
from redis.exceptions import AskError, NoScriptError, RedisClusterException, RedisError
from redis.retry import Retry

CONNECT_SECONDS = READ_SECONDS = 0.25
PAUSE_SECONDS = 1.0
IDLE_SECONDS = 30.0
MOST_CONNECTIONS = 2048  # above the highest WORKER_CONCURRENCY; running out of them would look like an outage
PROBE = "chat:probe"

GONE = (RedisError, RedisClusterException, OSError, ValueError)  # the last for a host or port that cannot be
ELSEWHERE = (NoScriptError, AskError)  # MovedError is an AskError; nothing was run yet


class Call(NamedTuple):
    """A script of lua/ with its one key and arguments. One key each, so that any cluster runs it."""

    script: str
    key: str
    arguments: tuple[str | int, ...]


class Cache:
    """A connection to Redis that is there, or known not to be."""

    def __init__(
        self, url: str, *, cluster: bool, log: Callable[[str], object], now: Callable[[], float] = time.time
    ) -> None:
        self._url = url
        self._cluster = cluster
        self._log = log
        self._now = now
        self._client: Redis | RedisCluster | None = None
        self._used_at = now()
        self._out = False
        self._returns: list[Callable[[], object]] = []
        self._closed = threading.Event()
        self._lock = threading.RLock()

    @property
    def available(self) -> bool:
        """False from the first failure until Redis was seen to work again."""
        return not self._out

    def run(self, *calls: Call) -> list[Any] | None:
        """The calls' answers, None when Redis is not there. One round trip for each node that has a key of them.

        ElastiCache Serverless is one node to its clients, so that is one round trip in all. A call may have been run
        although None is returned.
        """
        client = self._ready()
        if client is None:
            return None
        try:
            return _answers(client, calls)
        except GONE as error:
            self._lost(error)
            return None

    def on_return(self, call: Callable[[], object]) -> None:
        """Call that, briefly and on another thread, each time Redis has come back, perhaps empty."""
        self._returns.append(call)

    def close(self) -> None:
        self._closed.set()
        if self._client is not None:
            self._client.close()

    def _ready(self) -> Redis | RedisCluster | None:
        with self._lock:
            if self._out or self._closed.is_set():
                return None
            now, used_at = self._now(), self._used_at
            self._used_at = now
            if self._client is None:
                self._client = self._first_client()
            elif abs(now - used_at) > IDLE_SECONDS:
                # Lambda freezes the process between events, and what lies between drops idle connections without a
                # word: a stale one would cost a whole timeout and look like an outage, a new one a millisecond.
                _drop_idle(self._client)
            return self._client

    def _first_client(self) -> Redis | RedisCluster | None:
        """Called with the lock held, and so is what it does on failure: those who wait must not try one by one."""
        try:
            return _connect(self._url, self._cluster)
        except GONE as error:
            self._lost(error)
            return None

    def _lost(self, error: Exception) -> None:
        with self._lock:
            if self._out or self._closed.is_set():
                return
            self._out = True
        self._log(f"Redis does not answer, so the chat goes on without it ({type(error).__name__}: {error!s:.120})")
        threading.Thread(target=self._come_back, name="redis-probe", daemon=True).start()

    def _come_back(self) -> None:
        """Wait until Redis takes a write again, with new connections and, of a cluster, its new layout."""
        while not self._closed.wait(PAUSE_SECONDS):
            try:
                client = _connect(self._url, self._cluster)
                client.set(PROBE, "", ex=10)
            except GONE:
                continue
            with self._lock:
                self._client, self._out, self._used_at = client, False, self._now()
            for call in self._returns:
                call()
            return


def _connect(url: str, cluster: bool) -> Redis | RedisCluster:
    """A client that gives up at once: nothing that may have been run is sent again.

    No handshake (RESP2, no client information): on a plain connection connecting takes one wait, asking another.
    """
    options: dict[str, Any] = {
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": READ_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        "decode_responses": True,
        "encoding_errors": "replace",  # a model's half of a surrogate pair is no outage
        "protocol": 2,
        "driver_info": None,
        "max_connections": MOST_CONNECTIONS,
    }
    if not cluster:
        return Redis.from_url(url, **options)
    # The layout is asked for at the configured address only: looking for a node that answers among many that do not
    # would take a timeout for each.
    return RedisCluster.from_url(url, dynamic_startup_nodes=False, **options)


def _answers(client: Redis | RedisCluster, calls: tuple[Call, ...]) -> list[Any]:
    """Not redis-py's own cluster pipeline: it asks COMMAND GETKEYS for each script, and after a failure asks all nodes
    for the layout, one waiting thread after the other."""
    until = time.monotonic() + READ_SECONDS
    answers: list[Any] = [None] * len(calls)
    for node, places in _by_node(client, calls):
        pipeline = node.pipeline(transaction=False)
        for place in places:
            script, key, arguments = calls[place]
            pipeline.evalsha(_digest(script), 1, key, *arguments)
        for place, answer in zip(places, pipeline.execute(raise_on_error=False), strict=True):
            answers[place] = _settled(client, calls[place], answer, until)
    return answers


def _settled(client: Redis | RedisCluster, call: Call, answer: Any, until: float) -> Any:
    """`answer`, or that of a second try where the script was not loaded or the slot has moved, if there is time."""
    if isinstance(answer, ELSEWHERE) and time.monotonic() < until:
        try:
            return client.eval(_source(call.script), 1, call.key, *call.arguments)
        except AttributeError:  # redis-py 8.1, told to ASK a node that has no slot yet
            raise answer from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _by_node(client: Redis | RedisCluster, calls: tuple[Call, ...]) -> Iterator[tuple[Redis, list[int]]]:
    if isinstance(client, Redis):
        yield client, list(range(len(calls)))
        return
    cluster: Any = client  # untyped in redis-py
    nodes: dict[str, tuple[Redis, list[int]]] = {}
    for place, call in enumerate(calls):
        node = cluster.get_node_from_key(call.key)
        nodes.setdefault(node.name, (cluster.get_redis_connection(node), []))[1].append(place)
    yield from nodes.values()


def _drop_idle(client: Redis | RedisCluster) -> None:
    cluster: Any = client  # untyped in redis-py
    for one in [client] if isinstance(client, Redis) else [node.redis_connection for node in cluster.get_nodes()]:
        if one is not None:
            one.connection_pool.disconnect(inuse_connections=False)


@cache
def _source(script: str) -> str:
    return (Path(__file__).with_name("lua") / f"{script}.lua").read_text("utf-8")


@cache
def _digest(script: str) -> str:
    return sha1(_source(script).encode(), usedforsecurity=False).hexdigest()
