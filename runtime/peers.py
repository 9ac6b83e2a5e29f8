"""Any open WebSocket by its id: one of this process at once, one of another through Redis.

A connection's id ends in the name of its process. Whoever wants to reach the connection sends that process a request
and waits for the answer. When no process of that name listens, Redis says so: it has ended, and its connections are
gone. All of it belongs to the event loop; `ask` is the way in from a function's thread.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from runtime.connections import Connections, Description, owner_of
from runtime.errors import Unreachable
from runtime.wire import Delivery

if TYPE_CHECKING:
    from runtime.channel import Channel

ANSWER_SECONDS = 2.0  # a process that has not answered by then does not run any more
_NONE_WILL_COME = object()

T = TypeVar("T")


class Peers:
    """Without a `redis_url` this process is alone, and who is not here is gone."""

    def __init__(self, here: Connections, redis_url: str) -> None:
        self._here = here
        self._channel = self._open(redis_url) if redis_url else None
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()
        self._replies: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._operations: dict[str, Callable[[str, str], Any]] = {
            "post": lambda connection_id, text: here.post(connection_id, text).name,
            "close": lambda connection_id, _: here.close(connection_id),
            "describe": lambda connection_id, _: (found := here.describe(connection_id)) and asdict(found),
        }

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._channel:
            await self._channel.start()

    async def stop(self) -> None:
        if self._channel:
            await self._channel.stop()

    async def post(self, connection_id: str, text: str) -> Delivery:
        """Raises Unreachable, as the next two do: whether that connection is open cannot be known at the moment."""
        delivery = self._here.post(connection_id, text)
        if delivery is Delivery.GONE and (answer := await self._elsewhere("post", connection_id, text)):
            return Delivery[answer]
        return delivery

    async def close(self, connection_id: str) -> bool:
        return self._here.close(connection_id) or bool(await self._elsewhere("close", connection_id))

    async def describe(self, connection_id: str) -> Description | None:
        if found := self._here.describe(connection_id):
            return found
        answer = await self._elsewhere("describe", connection_id)
        return Description(**answer) if answer else None

    def ask(self, question: Coroutine[Any, Any, T], otherwise: T) -> T:
        """Put one of the above from another thread and wait for the answer; `otherwise` when the loop does not run."""
        try:
            if self._loop is None:
                raise RuntimeError
            asked = asyncio.run_coroutine_threadsafe(question, self._loop)
        except RuntimeError:  # not started, or closed
            question.close()
            return otherwise
        try:
            return asked.result()
        except CancelledError:  # the loop has just ended
            return otherwise

    def _open(self, redis_url: str) -> Channel:
        from runtime.channel import Channel  # slow to import, and a process alone needs none of it

        return Channel(redis_url, self._here.name.hex(), self._take, self._lost)

    async def _elsewhere(self, operation: str, connection_id: str, text: str = "") -> Any:
        """Another process's answer; None when it does not have the connection, or has ended. Raises Unreachable."""
        owner = owner_of(connection_id)
        if self._channel is None or owner in (b"", self._here.name):
            return None
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        request = {"number": number, "from": self._here.name.hex(), "do": operation, "to": connection_id, "text": text}
        try:
            if not await self._channel.publish(owner.hex(), request):
                return None
            found = await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError:
            return None
        finally:
            del self._answers[number]
        if found is _NONE_WILL_COME:
            raise Unreachable
        return found

    def _take(self, message: dict[str, Any]) -> None:
        if "answer" not in message:
            # At once and not in a task: what is written to one browser must stay in order.
            answer = self._operations[message["do"]](message["to"], message["text"])
            reply = asyncio.create_task(self._reply(message, answer))
            self._replies.add(reply)
            reply.add_done_callback(self._replies.discard)
        elif (waiting := self._answers.get(message["number"])) and not waiting.done():
            waiting.set_result(message["answer"])

    async def _reply(self, request: dict[str, Any], answer: Any) -> None:
        assert self._channel
        with suppress(Unreachable):  # who asked finds out by itself
            await self._channel.publish(request["from"], {"number": request["number"], "answer": answer})

    def _lost(self) -> None:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result(_NONE_WILL_COME)
