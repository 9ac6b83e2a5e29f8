"""SQS FIFO queues for one test: moto's, behind a wire that makes up for what moto does not keep."""

import itertools
import json
import threading
import time
import uuid
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.aws import client
from chalicelib.settings import from_environment
from tests.dynamodb import Answer, Gone, Headers, Wire

REGION = "us-east-1"
_account = itertools.count(100_000_000_001)


class Queues(Wire):
    """The queues of an account of their own at `endpoint`, made as an operator makes them.

    moto may lose a message that is sent while another one is deleted, and a long poll of moto's looks only once at
    which groups are busy (both as its source has it). So the wire lets one request through at a time, and polls itself.
    """

    def __init__(self, endpoint: str, name: str = "turns", *, doubled: bool = False) -> None:
        """`<name>.fifo` and its dead letters; `doubled`: each message is in a second group, so two workers have it."""
        from chalicelib.adapters.sqs_queues import create_queues  # slow to import, and most tests do without

        super().__init__(endpoint)
        self._doubled = doubled
        self._changed = threading.Condition()
        self.account = str(next(_account))
        self.queue, self.dead = (f"{self.url}/{self.account}/{name}{kind}.fifo" for kind in ("", "-dlq"))
        create_queues(from_environment({"QUEUE_URL": self.queue}))
        self.client = client("sqs", REGION, self.url)
        self._taken: list[str] = []  # receipts

    def send(self, body: str, group: str, **more: Any) -> None:
        self.client.send_message(
            QueueUrl=self.queue, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=uuid.uuid4().hex, **more
        )

    def time_out(self) -> None:
        """Let the time be over after which messages that were taken and not deleted are delivered again."""
        with self._changed:
            taken, self._taken = self._taken, []
        for receipt in taken:
            with suppress(ClientError):  # it was deleted
                self.client.change_message_visibility(QueueUrl=self.queue, ReceiptHandle=receipt, VisibilityTimeout=0)

    def holds(self, url: str) -> tuple[int, int]:
        """How many messages of a queue wait, and how many are with a worker."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        waiting, taken = (int(found[name]) for name in names)
        return waiting, taken

    def attributes(self, url: str) -> dict[str, str]:
        found: dict[str, str] = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return {name: value for name, value in found.items() if not name.endswith("Timestamp")}

    def carry(self, operation: str, headers: Headers, body: bytes, gone: Gone) -> Answer:
        headers["x-moto-account-id"] = self.account
        if operation == "ReceiveMessage":
            return self._receive(headers, json.loads(body), gone)
        with self._changed:
            if operation == "SendMessage" and self._doubled:
                self.pass_on(headers, _twin(json.loads(body)))
            answer = self.pass_on(headers, body)
            self._changed.notify_all()
        return answer

    def _receive(self, headers: Headers, asked: dict[str, Any], gone: Gone) -> Answer:
        """A message is not handed to a poller that was killed meanwhile: it would be missing until it times out."""
        end = time.monotonic() + asked.pop("WaitTimeSeconds", 0)
        body = json.dumps({**asked, "WaitTimeSeconds": 0}).encode()
        with self._changed:
            while not gone():
                status, answer = self.pass_on(headers, body)
                left, messages = end - time.monotonic(), json.loads(answer).get("Messages", [])
                self._taken += [message["ReceiptHandle"] for message in messages]
                if status != 200 or left <= 0 or messages:
                    return status, answer
                self._changed.wait(min(left, 0.1))  # not for ever: what a worker has may become visible again
        return 200, b"{}"


def _twin(message: dict[str, str]) -> bytes:
    own = {name: message[name] + "-twin" for name in ("MessageGroupId", "MessageDeduplicationId")}
    return json.dumps({**message, **own}).encode()
