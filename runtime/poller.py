"""What Lambda's event source does for an app's `on_sqs_message` functions, where their queues are SQS's.

Any endpoint that speaks it: AWS, ElasticMQ, moto. A function gets one message at a time; it is deleted when the
function returns, and left to the queue's own rules (visibility timeout, redrive) when it raises.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from runtime import events
from runtime.errors import CannotStart
from runtime.invoke import handled
from runtime.load import Consumer

WAIT_SECONDS = (
    2  # of a long poll, and so the longest that a stop waits for it; an idle queue is asked 1.3M times a month
)
PAUSE_SECONDS = 1.0  # before SQS is asked again when it did not answer
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0
TRIES = 2
MORE_SOCKETS = 8  # besides those that delete what has been handled

log = logging.getLogger("runtime")
Message = dict[str, Any]


@dataclass(frozen=True)
class _Source:
    """A queue, the function its messages go to, and room for as many at once as that takes."""

    url: str
    arn: str
    consumer: Consumer
    threads: ThreadPoolExecutor
    free: threading.Semaphore

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]


class Poller:
    """Starts and stops as the queue of this machine does. Thread-safe."""

    def __init__(self, endpoint: str, region: str, consumers: Mapping[str, Consumer]) -> None:
        """Find every queue that the app names. Raises CannotStart when one is not there."""
        self._client = _client(endpoint, region, sum(consumer.concurrency for consumer in consumers.values()))
        self._sources = [self._find(name, consumer, endpoint) for name, consumer in consumers.items()]
        self._holding = threading.Event()
        self._changed = threading.Condition()
        self._in_flight = 0
        self._silent: set[str] = set()  # queues that did not answer when last asked
        # Daemons: one that waits for an SQS that is gone must not keep the process.
        self._receivers = [
            threading.Thread(target=self._receive, args=(source,), name=f"receive {source.name}", daemon=True)
            for source in self._sources
        ]

    @property
    def busy(self) -> bool:
        return self._in_flight > 0

    def start(self) -> None:
        for receiver in self._receivers:
            receiver.start()

    def hold(self) -> None:
        """Start no more deliveries; a message that still comes is given back."""
        self._holding.set()

    def settle(self, seconds: float) -> None:
        """Wait until nothing is received and no message is in flight, at most so long."""
        end = time.monotonic() + seconds
        for receiver in self._receivers:
            receiver.join(max(0.0, end - time.monotonic()))
        with self._changed:
            self._changed.wait_for(lambda: not self.busy, max(0.0, end - time.monotonic()))

    def _find(self, name: str, consumer: Consumer, endpoint: str) -> _Source:
        try:
            url = self._client.get_queue_url(QueueName=name)["QueueUrl"]
            found = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        except (BotoCoreError, ClientError) as error:
            raise CannotStart(f"The queue {name} cannot be used at {endpoint} ({error}).") from error
        threads = ThreadPoolExecutor(consumer.concurrency, thread_name_prefix=name)
        free = threading.Semaphore(consumer.concurrency)
        return _Source(url, found["Attributes"]["QueueArn"], consumer, threads, free)

    def _receive(self, source: _Source) -> None:
        """Take one message after the other, as long as there is room for it."""
        while not self._holding.is_set():
            source.free.acquire()
            message = self._next(source)
            if message is None:
                source.free.release()
                continue
            self._count(1)
            source.threads.submit(self._deliver, source, message)

    def _next(self, source: _Source) -> Message | None:
        """The next message, if one comes in time. A second one would hold back its group until it has a thread."""
        try:
            found = self._client.receive_message(
                QueueUrl=source.url,
                MaxNumberOfMessages=1,
                WaitTimeSeconds=WAIT_SECONDS,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        except (BotoCoreError, ClientError) as error:
            if source.name not in self._silent:
                log.warning("The queue %s does not answer (%s); it is asked until it does", source.name, error)
            self._silent.add(source.name)
            self._holding.wait(PAUSE_SECONDS)
            return None
        self._silent.discard(source.name)
        return next(iter(found.get("Messages", ())), None)

    def _deliver(self, source: _Source, message: Message) -> None:
        handle = {"QueueUrl": source.url, "ReceiptHandle": message["ReceiptHandle"]}
        try:
            if self._holding.is_set():
                self._client.change_message_visibility(**handle, VisibilityTimeout=0)
            elif handled(source.name, source.consumer.function, events.received(source.arn, message)):
                self._client.delete_message(**handle)
        except (BotoCoreError, ClientError) as error:
            log.warning("A message of %s will be delivered again (%s)", source.name, error)
        finally:
            source.free.release()
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._changed:
            self._in_flight += change
            self._changed.notify_all()


def _client(endpoint: str, region: str, concurrency: int) -> Any:
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=WAIT_SECONDS + ANSWER_SECONDS,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        max_pool_connections=concurrency + MORE_SOCKETS,
    )
    return boto3.client("sqs", region_name=region, endpoint_url=endpoint, config=config)
