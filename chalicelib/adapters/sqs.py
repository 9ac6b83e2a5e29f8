"""The queue of turns on SQS FIFO: one group a conversation, redelivered until its worker returns."""

from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import client
from chalicelib.errors import Unavailable


def endpoint_of(url: str) -> str:
    """Where the service of a queue's URL is."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class SQSQueue:
    """The Queue port. `url` is the queue's own, as AWS gives it."""

    def __init__(self, url: str, region: str) -> None:
        self._url = url
        self._client = client("sqs", region, endpoint_of(url))

    def send(self, body: str, group: str, deduplication_id: str) -> None:
        try:
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=body,
                MessageGroupId=group,
                MessageDeduplicationId=deduplication_id,
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable from error

    def release(self, receipt: str) -> None:
        """Without this a turn whose worker failed would wait out the visibility timeout, 45 s."""
        try:
            self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable from error
