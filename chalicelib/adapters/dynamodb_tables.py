"""The one DynamoDB table: its items, how it is made, and how it is brought up to date.

docs/dynamodb.md lists the keys. Importing pynamodb takes 190 ms, so only who uses this store imports this module.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import BinaryAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, PutError, PynamoDBException, TableError
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib.adapters.aws import CONNECT_SECONDS, POOL, TRIES
from chalicelib.errors import Unavailable
from chalicelib.settings import Settings

LONE = "~"  # the sort key of an item that has no order: greater than those of log and notes
SCHEMA = "schema"
COMPRESS_ABOVE = (
    4_096  # bytes; a question in emoji on a page with a long address is 18 KB, an item should be at most 16
)


class ByHour(GlobalSecondaryIndex["Item"]):
    """Messages and notes by the hour they were stored in, without content: who asked what is counted has the facts."""

    class Meta:
        index_name = "by-hour"
        projection = IncludeProjection(["facts"])

    hour = UnicodeAttribute(hash_key=True)
    fact = UnicodeAttribute(range_key=True)
    facts = BinaryAttribute(null=True, legacy_encoding=False)


class ByUser(GlobalSecondaryIndex["Item"]):
    """Headers of signed-in people's conversations, by when they began."""

    class Meta:
        index_name = "by-user"
        projection = KeysOnlyProjection()

    user = UnicodeAttribute(hash_key=True)
    started = NumberAttribute(range_key=True)


class Item(Model):
    """Any item of the table. Attributes beside `body` are those that keys, conditions and TTL need."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(null=True, legacy_encoding=False)
    version = NumberAttribute(null=True)
    expires_at = TTLAttribute(null=True)
    hour = UnicodeAttribute(null=True)
    fact = UnicodeAttribute(null=True)
    facts = BinaryAttribute(null=True, legacy_encoding=False)
    user = UnicodeAttribute(null=True)
    started = NumberAttribute(null=True)
    generation = UnicodeAttribute(null=True)
    by_hour = ByHour()
    by_user = ByUser()


Step = Callable[[type[Item]], None]
# The step at place n brings version n + 1 to n + 2. A step may be run again, by two commands at once or after a crash.
STEPS: tuple[Step, ...] = ()


def items_of(settings: Settings) -> type[Item]:
    """A class of its own for each caller: PynamoDB keeps endpoint and connection on the class."""

    class Stored(Item):
        class Meta:
            table_name = settings.dynamodb_table
            region = settings.aws_region
            host = settings.dynamodb_endpoint_url or None
            connect_timeout_seconds = CONNECT_SECONDS
            read_timeout_seconds = settings.dynamodb_read_seconds
            max_retry_attempts = TRIES - 1
            max_pool_connections = POOL
            billing_mode = "PAY_PER_REQUEST"

    return Stored


@contextmanager
def vendor_errors() -> Iterator[None]:
    """A vendor's error becomes ours, once, here. PynamoDB wraps most of botocore's, not all."""
    try:
        yield
    except (PynamoDBException, BotoCoreError, ClientError) as error:
        raise Unavailable from error


def failure(error: PynamoDBException) -> tuple[str, str]:
    """DynamoDB's code and message, empty when it did not answer.

    PynamoDB 6.1's `cause_response_code` fails after a timeout, whose `response` is there and None.
    """
    response = getattr(error.cause, "response", None) or {}
    told = response.get("Error", {})
    return told.get("Code", ""), told.get("Message", "")


def refused(error: PutError | DeleteError) -> bool:
    """Whether a write failed because its condition does not hold."""
    return failure(error)[0] == "ConditionalCheckFailedException"


def get(items: type[Item], pk: str, sk: str) -> Item | None:
    """The item, read consistently; None when there is none. Raises Unavailable."""
    with vendor_errors():
        try:
            return items.get(pk, sk, consistent_read=True)
        except items.DoesNotExist:
            return None


def put(item: Item, condition: Condition | None = None) -> bool:
    """Write once; False when the condition does not hold. Raises Unavailable."""
    with vendor_errors():
        try:
            item.save(condition)
        except PutError as error:
            if not refused(error):
                raise
            return _tried_again(error) and _holds(item)
    return True


def _holds(item: Item) -> bool:
    """Whether the first try wrote the item though its answer was lost, so that the second was refused."""
    stored = get(type(item), item.pk, item.sk)
    return stored is not None and stored.body == item.body


def _tried_again(error: PynamoDBException) -> bool:
    """Whether botocore sent the request more than once; PynamoDB wraps its error twice."""
    cause = error.cause.__cause__ if error.cause else None
    response: dict[str, Any] = getattr(cause, "response", None) or {}
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts"))


def pack(body: bytes) -> bytes:
    return zlib.compress(body) if len(body) > COMPRESS_ABOVE else body


def unpack(item: Item) -> bytes:
    """The JSON of an item. It begins with a brace, and what zlib wrote with an x."""
    body: bytes = item.body or b""
    return zlib.decompress(body) if body.startswith(b"x") else body


def create_tables(settings: Settings, steps: tuple[Step, ...] = STEPS) -> list[str]:
    """Make what is not there, wait until it can be used, bring it up to date; a line for each table.

    Safe to run again, and twice at once. Raises Unavailable.
    """
    items = items_of(settings)
    with vendor_errors():
        made = _make(items)
        applied = _migrate(items, steps)
    return [f"{settings.dynamodb_table}: {'made' if made else 'already there'}, schema version {applied}"]


def _make(items: type[Item]) -> bool:
    """Make the table and wait until it is ACTIVE; False when it was there."""
    missing = not items.exists()
    try:
        items.create_table(wait=True)
    except TableError as error:
        code, message = failure(error)
        if code == "ResourceInUseException":  # somebody else is making it just now
            return _make(items)
        # DynamoDB refuses to switch on what is on; a crash may have left it off, so it is always asked.
        if "already enabled" not in message:
            raise
    return missing


def _migrate(items: type[Item], steps: tuple[Step, ...]) -> int:
    """Apply the steps that have not been; the version reached."""
    applied = _version(items) or _advance(items, 1)
    for target, step in enumerate(steps[applied - 1 :], applied + 1):
        step(items)
        applied = _advance(items, target)
    return applied


def _version(items: type[Item]) -> int:
    try:
        return int(items.get(SCHEMA, LONE, consistent_read=True).version or 0)
    except items.DoesNotExist:
        return 0


def _advance(items: type[Item], target: int) -> int:
    """Record that `target` is reached; whoever recorded it first, or something later, wins."""
    behind = Item.version.does_not_exist() | (Item.version < target)
    try:
        items(SCHEMA, LONE, version=target).save(behind)
    except PutError as error:
        if not refused(error):
            raise
    return target
