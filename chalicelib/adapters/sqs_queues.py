"""The two SQS queues of turns: their numbers, and how they are made. docs/queue.md gives the reasons."""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import client
from chalicelib.adapters.sqs import endpoint_of
from chalicelib.errors import Unavailable
from chalicelib.settings import Settings

RECEIVES = 3  # of a turn before it goes to the dead letters; replies.py answers the third without the model
# A conversation is a group: the limits on requests count for each by itself.
_EITHER = {
    "DeduplicationScope": "messageGroup",
    "FifoThroughputLimit": "perMessageGroupId",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "45",  # seconds; a worker on Lambda has 40
}
TURNS = {**_EITHER, "MessageRetentionPeriod": str(4 * 86_400)}
DEAD_LETTERS = {**_EITHER, "MessageRetentionPeriod": str(14 * 86_400)}


def dead_letters_of(queue: str) -> str:
    """`turns.fifo` → `turns-dlq.fifo`, as app.py names them."""
    return f"{queue.removesuffix('.fifo')}-dlq.fifo"


def create_queues(settings: Settings) -> list[str]:
    """Make the queue that QUEUE_URL names and its dead letters, or bring them up to date; a line for each.

    Safe to run again, and twice at once. Raises Unavailable.
    """
    name = settings.queue_url.rpartition("/")[2]
    sqs = client("sqs", settings.aws_region, endpoint_of(settings.queue_url))
    try:
        grave, said_of_grave = _make(sqs, dead_letters_of(name), DEAD_LETTERS)
        arn = sqs.get_queue_attributes(QueueUrl=grave, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES})
        _, said = _make(sqs, name, {**TURNS, "RedrivePolicy": redrive})
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error
    return [said, said_of_grave]


def _make(sqs: Any, name: str, attributes: dict[str, str]) -> tuple[str, str]:
    """The queue's URL, and what to say of it. Attributes are set apart: SQS refuses to create what differs."""
    try:
        url, said = sqs.get_queue_url(QueueName=name)["QueueUrl"], "already there"
    except sqs.exceptions.QueueDoesNotExist:
        url, said = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"], "made"
    sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return url, f"{name}: {said}, {url}"
