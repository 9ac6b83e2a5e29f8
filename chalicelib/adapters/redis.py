"""Limits, text in flight and the breaker for several processes, on Redis or Valkey; docs/redis.md lists the keys.

Without Redis they let everything through: a chat that answers too often is better than one that does not answer.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from chalicelib.adapters.redis_client import Cache, Call
from chalicelib.chat.model import Answer
from chalicelib.chat.ports import Bucket, Trip


class RedisLimiter:
    """GCRA on the server's clock."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    @property
    def available(self) -> bool:
        """Whether `take` counts; when not, it lets everybody through, and the caller may count by other means."""
        return self._cache.available

    def take(self, buckets: Sequence[Bucket]) -> float:
        """All buckets are asked in one round trip, and those that gave get theirs back when another did not.

        Two buckets have two slots, so no script sees both. Taking first never lets anybody through who should not
        be; between the two trips a bucket has one too few, which can only matter to somebody at its very limit.
        """
        waits = self._cache.run(*(_bucket("take", bucket) for bucket in buckets))
        if waits is None or not any(waits):
            return 0.0
        gave = [bucket for bucket, wait in zip(buckets, waits, strict=True) if not wait]
        if gave:
            self._cache.run(*(_bucket("give", bucket) for bucket in gave))
        return float(max(waits)) / 1000


class RedisLive:
    """Text in flight: one key a session, forgotten KEEP_SECONDS after it was last touched."""

    KEEP_SECONDS = 120

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def begin(self, session_id: str, reply_id: str) -> Trip:
        return self._trip("begin", session_id, reply_id)

    def extend(self, session_id: str, reply_id: str, text: str) -> Trip:
        return self._trip("extend", session_id, reply_id, text)

    def join(self, session_id: str, connection_id: str) -> None:
        self._run("join", session_id, connection_id)

    def cancel(self, session_id: str, reply_id: str) -> str:
        answers = self._run("cancel", session_id, reply_id)
        return str(answers[0]) if answers else ""

    def end(self, session_id: str, reply_id: str) -> Trip:
        return self._trip("end", session_id, reply_id)

    def _trip(self, operation: str, session_id: str, *arguments: str) -> Trip:
        answers = self._run(operation, session_id, *arguments)
        if answers is None:
            return Trip(False)
        cancelled, joined = answers[0]
        return Trip(bool(cancelled), tuple(joined))

    def _run(self, operation: str, session_id: str, *arguments: str) -> list[Any] | None:
        key = f"chat:live:{{{session_id}}}"
        return self._cache.run(Call("live", key, (operation, self.KEEP_SECONDS * 1000, *arguments)))


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

    def _ask(self, operation: str, name: str) -> bool:
        arguments = (operation, self.FAILURES, self.PAUSE_SECONDS * 1000, self.KEEP_SECONDS * 1000)
        answers = self._cache.run(Call("breaker", f"chat:breaker:{name}", arguments))
        return answers is None or bool(answers[0])


class RedisAnswers:
    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def get(self, key: str) -> Answer | None:
        answers = self._cache.run(Call("answer", f"chat:answer:{key}", ("get",)))
        return msgspec.json.decode(answers[0], type=Answer) if answers and answers[0] else None

    def put(self, key: str, answer: Answer, seconds: int) -> None:
        body = msgspec.json.encode(answer).decode()
        self._cache.run(Call("answer", f"chat:answer:{key}", ("put", body, seconds * 1000)))


def _bucket(operation: str, bucket: Bucket) -> Call:
    interval = max(1, round(60_000 / bucket.per_minute))
    return Call("limiter", f"chat:limit:{bucket.key}", (operation, interval, bucket.capacity))
