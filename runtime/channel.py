"""Messages between processes by their names, over Redis pub/sub. All of it belongs to the event loop."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from runtime.errors import Unreachable

REDIS_SECONDS = 0.5
SILENT_SECONDS = 1.0  # after which a ping finds out whether Redis is still there
PAUSE_SECONDS = 0.5  # between two tries to reach a Redis that is not
MOST_CONNECTIONS = 2048  # running out of them would look like an outage

Message = dict[str, Any]
log = logging.getLogger("runtime")


class Channel:
    """Gives each message that comes for `name` to `take`, and tells `lost` when none can come any more for a while."""

    def __init__(self, url: str, name: str, take: Callable[[Message], None], lost: Callable[[], None]) -> None:
        self._redis = _client(url)
        self._name = name
        self._take = take
        self._on_lost = lost
        self._listening = False
        self._stopping = False
        self._tried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen; returns once Redis has answered, or has shown that it does not."""
        self._task = asyncio.create_task(self._keep_listening())
        await self._tried.wait()

    async def stop(self) -> None:
        self._stopping = True  # beside cancelling: Python 3.11's wait_for, in redis-py, may lose a cancellation
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._redis.aclose()

    async def publish(self, to: str, message: Message) -> bool:
        """Whether a process of that name has got it. Raises Unreachable, at once while Redis is known not to answer."""
        if not self._listening:
            raise Unreachable
        try:
            return bool(await self._redis.publish(_topic(to), json.dumps(message, ensure_ascii=False)))
        except (RedisError, OSError) as error:
            self._lost(error)
            raise Unreachable from error

    async def _keep_listening(self) -> None:
        while not self._stopping:
            try:
                async with self._redis.pubsub() as inbox:
                    await self._listen(inbox)
            except (RedisError, OSError) as error:
                self._lost(error)
            self._tried.set()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _listen(self, inbox: PubSub) -> None:
        """Take in what comes, until a ping is not answered."""
        await inbox.subscribe(_topic(self._name))
        asked = True
        while not self._stopping:
            message = await inbox.get_message(timeout=SILENT_SECONDS)
            if message:
                asked, self._listening = False, True
                self._tried.set()
                if message["type"] == "message":
                    self._take(json.loads(message["data"]))
            elif asked:
                raise TimeoutError("it is silent")
            else:
                asked = True
                await inbox.ping()

    def _lost(self, error: Exception) -> None:
        if self._listening or not self._tried.is_set():
            log.warning("Redis does not answer, so browsers of other processes cannot be reached (%.120s)", error)
        self._listening = False
        self._on_lost()


def _topic(name: str) -> str:
    return f"runtime:{name}"


def _client(url: str) -> Redis:
    """One that gives up at once: a message that may have been delivered is not sent again."""
    return Redis.from_url(
        url,
        socket_connect_timeout=REDIS_SECONDS,
        socket_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        protocol=2,
        driver_info=None,
        max_connections=MOST_CONNECTIONS,
    )
