"""A local SQS FIFO: durable, in order within a group, groups side by side, three receipts and then the dead letters."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from runtime import events
from runtime.errors import NoSuchQueue
from runtime.events import QueueMessage
from runtime.invoke import after_return, handled
from runtime.load import Consumer
from runtime.queue_file import QueueFile, Waiting

MAX_RECEIVES = 3
DEDUP_MS = 5 * 60 * 1000

log = logging.getLogger("runtime")
Line = tuple[str, str]  # a queue and a group of it


@dataclass
class _Ticket:
    """A message's place in its group's line; it is ready when the function that sent it has returned."""

    id: int
    ready: bool


class Queue:
    """Thread-safe. Bodies stay on file; memory holds a ticket for each waiting message."""

    def __init__(self, file: QueueFile, consumers: Mapping[str, Consumer]) -> None:
        self._file = file
        self._consumers = consumers
        self._pools = {
            name: ThreadPoolExecutor(consumer.concurrency, thread_name_prefix=name)
            for name, consumer in consumers.items()
        }
        self._changed = threading.Condition()
        self._lines: dict[Line, deque[_Ticket]] = {}
        self._busy: set[Line] = set()
        self._recent = _Recent()
        self._in_flight = 0
        self._delivering = False
        for waiting in file.waiting():
            # However long ago it was sent: what is still on file must not be queued a second time.
            self._recent.remember(replace(waiting, sent_at=time.time_ns() // 1_000_000))
            self._line_up(waiting.queue, waiting.group, _Ticket(waiting.id, ready=True))

    @property
    def busy(self) -> bool:
        return self._in_flight > 0

    def send(self, queue: str, body: str, group: str, dedup: str) -> None:
        """Put a message on file; it is delivered once the function that sent it has returned.

        A message with a deduplication id seen in the last five minutes is taken and dropped, as SQS does.
        """
        if queue not in self._consumers:
            raise NoSuchQueue(queue)
        with self._changed:
            if self._recent.knows(queue, dedup):
                return
            waiting = self._file.add(queue, group, dedup, body)
            self._recent.remember(waiting)
            ticket = _Ticket(waiting.id, ready=False)
            self._line_up(queue, group, ticket)
        after_return(partial(self._release, (queue, group), ticket))

    def start(self) -> None:
        with self._changed:
            self._delivering = True
            for line in self._lines:
                self._advance(line)

    def hold(self) -> None:
        """Start no more deliveries; what waits stays on file."""
        with self._changed:
            self._delivering = False

    def settle(self, seconds: float) -> None:
        """Wait until no message is in flight, at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: not self.busy, seconds)

    def _line_up(self, queue: str, group: str, ticket: _Ticket) -> None:
        self._lines.setdefault((queue, group), deque()).append(ticket)

    def _release(self, line: Line, ticket: _Ticket) -> None:
        with self._changed:
            ticket.ready = True
            self._advance(line)

    def _advance(self, line: Line) -> None:
        """Hand a line's first message to the queue's threads, unless one of that line is with them already."""
        waiting = self._lines.get(line)
        if self._delivering and waiting and waiting[0].ready and line not in self._busy and line[0] in self._pools:
            self._busy.add(line)
            self._pools[line[0]].submit(self._deliver, line, waiting[0].id)

    def _deliver(self, line: Line, message_id: int) -> None:
        with self._changed:
            if not self._delivering:
                return
            self._in_flight += 1
        done = None
        try:
            done = self._attempt(line, message_id)
        except Exception:
            # The file itself failed, on a full disk for one. The line stays blocked rather than spin on it.
            log.exception("The queue %s is blocked for one group until the next start", line[0])
        with self._changed:
            self._in_flight -= 1
            self._changed.notify_all()
            if done is not None:
                self._leave(line, done)

    def _leave(self, line: Line, done: bool) -> None:
        self._busy.discard(line)
        if done:
            self._lines[line].popleft()
            if not self._lines[line]:
                del self._lines[line]
        self._advance(line)

    def _attempt(self, line: Line, message_id: int) -> bool:
        """Whether the message is done with in this line."""
        message = self._file.receive(message_id)
        if message.receive_count > MAX_RECEIVES:
            self._bury(message)
            return True
        if not handled(message.queue, self._consumers[message.queue].function, events.queued(message)):
            return False
        self._file.delete(message_id)
        return True

    def _bury(self, message: QueueMessage) -> None:
        grave = f"{message.queue.removesuffix('.fifo')}-dlq.fifo"
        if grave not in self._consumers:
            log.error("A message of %s was dropped after %s receipts", message.queue, MAX_RECEIVES)
            self._file.delete(message.id)
            return
        self._file.move(message.id, grave)
        with self._changed:
            self._line_up(grave, message.group, _Ticket(message.id, ready=True))
            self._advance((grave, message.group))


class _Recent:
    """The deduplication ids of the last five minutes."""

    def __init__(self) -> None:
        self._sent: dict[tuple[str, str], int] = {}

    def knows(self, queue: str, dedup: str) -> bool:
        horizon = time.time_ns() // 1_000_000 - DEDUP_MS
        while self._sent and (oldest := next(iter(self._sent))) and self._sent[oldest] < horizon:
            del self._sent[oldest]
        return (queue, dedup) in self._sent

    def remember(self, waiting: Waiting) -> None:
        self._sent[waiting.queue, waiting.dedup] = waiting.sent_at
