"""What processes share while they work, on Redis or Valkey: limits, text in flight, answers, the breaker.

docs/redis.md lists the keys. Without Redis each process counts limits for itself and lets everything else through:
a chat that answers too often is better than one that does not answer.
"""

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from chalicelib.adapters.memory import MemoryLimiter
from chalicelib.adapters.redis_client import Cache, Call
from chalicelib.chat.model import Answer
from chalicelib.chat.ports import SEEN_SECONDS, Bucket, Keepsake, Opening, Share, Taken, Trip
from chalicelib.knowledge.ports import DOUBT_SECONDS

KEEP_VERSION_SECONDS = 86_400  # without a question that long, what is shared starts with a doubt


class RedisLimiter:
    """GCRA on the server's clock."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._alone = MemoryLimiter(time.monotonic)

    @property
    def available(self) -> bool:
        """Whether all processes count together; when not, each does for itself, and the caller may by other means."""
        return self._cache.available

    def take(self, buckets: Sequence[Bucket], message: str = "") -> Taken:
        """All buckets are asked in one round trip, and those that gave get theirs back when another did not.

        Two buckets have two slots, so no script sees both. Taking first never lets anybody through who should not
        be; between the two trips a bucket has one too few, which can only matter to somebody at its very limit.
        """
        noted = [Call("seen", f"chat:seen:{message}", (SEEN_SECONDS * 1000,))] if message else []
        answers = self._cache.run(*(_bucket("take", bucket) for bucket in buckets), *noted)
        if answers is None:
            return self._alone.take(buckets, message)
        waits, seen = answers[: len(buckets)], any(answers[len(buckets) :])
        gave = [bucket for bucket, wait in zip(buckets, waits, strict=True) if not wait]
        if any(waits) and gave:
            self._cache.run(*(_bucket("give", bucket) for bucket in gave))
        return Taken(max(waits) / 1000, seen)


class RedisBreaker:
    """Opens after FAILURES in a row, of all processes together; after PAUSE_SECONDS one caller of all may try."""

    FAILURES = 5
    PAUSE_SECONDS = 20
    KEEP_SECONDS = 3600  # without a call that long, the service counts as new

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def allows(self, name: str) -> bool:
        return self._ask("allows", name)

    def closed(self, name: str) -> bool:
        return self._ask("closed", name)

    def record(self, name: str, ok: bool) -> None:
        self._ask("ok" if ok else "failed", name)

    @classmethod
    def call(cls, operation: str, name: str) -> Call:
        arguments = (operation, cls.FAILURES, cls.PAUSE_SECONDS * 1000, cls.KEEP_SECONDS * 1000)
        return Call("breaker", f"chat:breaker:{name}", arguments)

    def _ask(self, operation: str, name: str) -> bool:
        answers = self._cache.run(self.call(operation, name))
        return answers is None or bool(answers[0])


class RedisLive:
    """Text in flight: one key a session, forgotten KEEP_SECONDS after it was last touched. The Bulletin too."""

    KEEP_SECONDS = 120

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def begin(self, session_id: str, reply_id: str, share: Share | None = None, model: str = "") -> Opening:
        calls = {"trip": self._call("begin", session_id, reply_id)}
        if share:
            calls["shared"] = _answer(share.key, "get")
            calls["fresh"] = _knowledge("fresh", share.knowledge)
        if model:
            calls["model"] = RedisBreaker.call("closed", model)
        answers = self._cache.run(*calls.values())
        if answers is None:
            return Opening(Trip(False))
        told = dict(zip(calls, answers, strict=True))
        fresh = bool(told.get("fresh"))
        shared = msgspec.json.decode(told["shared"], type=Answer) if fresh and told["shared"] else None
        return Opening(_trip(told["trip"]), shared, bool(told.get("model", True)), fresh)

    def extend(self, session_id: str, reply_id: str, text: str) -> Trip:
        answers = self._cache.run(self._call("extend", session_id, reply_id, text))
        return _trip(answers[0]) if answers else Trip(False)

    def join(self, session_id: str, connection_id: str) -> None:
        self._cache.run(self._call("join", session_id, connection_id))

    def cancel(self, session_id: str, reply_id: str) -> str:
        answers = self._cache.run(self._call("cancel", session_id, reply_id))
        return str(answers[0]) if answers else ""

    def end(self, session_id: str, reply_id: str, keep: Keepsake | None = None, worked: str = "") -> Trip:
        calls = [self._call("end", session_id, reply_id)]
        if keep:
            calls.append(_answer(keep.key, "put", msgspec.json.encode(keep.answer).decode(), keep.seconds * 1000))
        if worked:
            calls.append(RedisBreaker.call("ok", worked))
        answers = self._cache.run(*calls)
        return _trip(answers[0]) if answers else Trip(False)

    def changing(self, version: int) -> bool:
        return self._cache.run(_knowledge("changing", version)) is not None

    def changed(self, version: int) -> bool:
        return self._cache.run(_knowledge("changed", version)) is not None

    def _call(self, operation: str, session_id: str, *arguments: str) -> Call:
        return Call("live", f"chat:live:{{{session_id}}}", (operation, self.KEEP_SECONDS * 1000, *arguments))


def _trip(answer: Sequence[Any]) -> Trip:
    cancelled, joined = answer
    return Trip(bool(cancelled), tuple(joined))


def _answer(key: str, *arguments: str | int) -> Call:
    return Call("answer", f"chat:answer:{key}", arguments)


def _knowledge(operation: str, version: int) -> Call:
    arguments = (operation, version, round(DOUBT_SECONDS * 1000), KEEP_VERSION_SECONDS * 1000)
    return Call("knowledge", "chat:knowledge", arguments)


def _bucket(operation: str, bucket: Bucket) -> Call:
    interval = max(1, round(60_000 / bucket.per_minute))
    return Call("limiter", f"chat:limit:{bucket.key}", (operation, interval, bucket.capacity))
