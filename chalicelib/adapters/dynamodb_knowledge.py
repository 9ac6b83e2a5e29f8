"""The knowledge in the same DynamoDB table as the conversations, for any number of processes.

A change is one transaction of conditional writes: the entry, the version it replaces, the knowledge's version. Its
condition on the knowledge's version puts all changes into one order. docs/dynamodb.md has keys and requests.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import islice

import msgspec
from pynamodb.exceptions import DeleteError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb_tables import LONE, Item, failure, items_of, pack, refused, unpack, vendor_errors
from chalicelib.knowledge.model import Change, Entry, Question
from chalicelib.settings import Settings

KNOWLEDGE = "K"
ENTRIES, QUESTIONS, SEEDED, EARLIER = "E#", "Q#", "seeded", "V#"
CANCELED = "TransactionCanceledException"


class DynamoDBKnowledge:
    """The KnowledgeStore port. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is asked of DynamoDB yet."""
        self._items = items_of(settings)
        with vendor_errors():
            self._connection = self._items._get_connection().connection
            _ = self._connection.client  # made now, or each of the first threads would make one of its own

    def version(self) -> int:
        item = self._get(KNOWLEDGE, LONE)
        return int(item.version or 0) if item else 0

    def entry(self, entry_id: str) -> Entry | None:
        item = self._get(KNOWLEDGE, ENTRIES + entry_id)
        return _entry(item) if item else None

    def entries(
        self, after: str = "", limit: int | None = None, category: str = "", active: bool | None = None
    ) -> list[Entry]:
        """A request for each MB of entries looked at; those that do not fit are looked at too."""
        with vendor_errors():
            found = self._items.query(KNOWLEDGE, _entries_after(after), consistent_read=True)
            fitting = (
                entry
                for entry in map(_entry, found)
                if category in ("", entry.category) and active in (None, entry.active)
            )
            return list(islice(fitting, limit))

    def earlier(self, entry_id: str, before: int, limit: int) -> list[Entry]:
        places = Item.sk.between(EARLIER, _place(before - 1))
        with vendor_errors():
            found = self._items.query(
                _history(entry_id), places, consistent_read=True, limit=limit, scan_index_forward=False
            )
            return list(map(_entry, found))

    def apply(self, version: int, changes: Sequence[Change]) -> bool:
        said = sha256(msgspec.json.encode(changes)).digest()
        moved = self._items(KNOWLEDGE, LONE, version=version, body=said)
        for change in changes:
            if change.after is None:  # first, because a crash after it leaves an entry that can be removed again
                self._forget(change.entry_id)
        with vendor_errors():
            try:
                with TransactWrite(connection=self._connection) as transaction:
                    transaction.save(moved, _at_version(version - 1 or None))
                    for change in changes:
                        self._make(transaction, change)
            except TransactWriteError as error:
                if failure(error)[0] != CANCELED:
                    raise
                stored = self._get(KNOWLEDGE, LONE)
                # Not refused if ours is there: then only the answer to the first try was lost.
                return stored is not None and (stored.version, stored.body) == (version, said)
        return True

    def seeded(self) -> dict[str, str]:
        item = self._get(KNOWLEDGE, SEEDED)
        return msgspec.json.decode(unpack(item), type=dict[str, str]) if item else {}

    def save_seeded(self, seeded: Mapping[str, str]) -> None:
        self._put(SEEDED, msgspec.json.encode(seeded))

    def questions(self) -> list[Question]:
        with vendor_errors():
            found = self._items.query(KNOWLEDGE, Item.sk.startswith(QUESTIONS), consistent_read=True)
            return [msgspec.json.decode(unpack(item), type=Question) for item in found]

    def save_question(self, question: Question) -> None:
        self._put(QUESTIONS + question.id, msgspec.json.encode(question))

    def drop_question(self, question_id: str) -> bool:
        with vendor_errors():
            try:
                self._items(KNOWLEDGE, QUESTIONS + question_id).delete(Item.pk.exists())
            except DeleteError as error:
                if not refused(error):
                    raise
                return False
        return True

    def _make(self, transaction: TransactWrite, change: Change) -> None:
        before, after = change.before, change.after
        held = _at_version(before.version if before else None)
        item = self._items(KNOWLEDGE, ENTRIES + change.entry_id)
        if after is None:
            transaction.delete(item, held)
            return
        if before:
            place = self._items(_history(before.id), _place(before.version), body=pack(msgspec.json.encode(before)))
            transaction.save(place, Item.pk.does_not_exist())
        item.version, item.body = after.version, pack(msgspec.json.encode(after))
        transaction.save(item, held)

    def _forget(self, entry_id: str) -> None:
        """Remove the earlier versions of an entry."""
        with vendor_errors():
            for item in self._items.query(_history(entry_id), consistent_read=True, attributes_to_get=["pk", "sk"]):
                item.delete()

    def _get(self, pk: str, sk: str) -> Item | None:
        with vendor_errors():
            try:
                return self._items.get(pk, sk, consistent_read=True)
            except self._items.DoesNotExist:
                return None

    def _put(self, sk: str, body: bytes) -> None:
        with vendor_errors():
            self._items(KNOWLEDGE, sk, body=pack(body)).save()


def _at_version(version: int | None) -> Condition:
    return Item.pk.does_not_exist() if version is None else Item.version == version


def _entries_after(entry_id: str) -> Condition:
    """`$` is what follows `#`: greater than every entry."""
    return Item.sk.between(f"{ENTRIES}{entry_id}\0", "E$")


def _history(entry_id: str) -> str:
    return f"{KNOWLEDGE}#{entry_id}"


def _place(version: int) -> str:
    return f"{EARLIER}{version:010d}"


def _entry(item: Item) -> Entry:
    return msgspec.json.decode(unpack(item), type=Entry)
