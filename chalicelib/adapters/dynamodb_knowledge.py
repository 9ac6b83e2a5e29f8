"""The knowledge in the same DynamoDB table as the conversations, for any number of processes.

A change is one transaction of conditional writes: the entry, the version it replaces, the knowledge's version. Its
condition on the knowledge's version puts all changes into one order. More changes than a transaction takes become
another generation of all entries beside the present one, and then one such transaction names it as the present one
(docs/decisions/013). docs/dynamodb.md has keys and requests.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice

import msgspec
from pynamodb.exceptions import DeleteError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb_generations import ENTRIES, Generations
from chalicelib.adapters.dynamodb_tables import (
    LONE,
    Item,
    failure,
    get,
    items_of,
    pack,
    put,
    refused,
    unpack,
    vendor_errors,
)
from chalicelib.knowledge.model import Change, Entry, Job, Question
from chalicelib.knowledge.ports import MOST_CHANGES
from chalicelib.settings import Settings

KNOWLEDGE = "K"
QUESTIONS, SEEDED, EARLIER, JOBS, OPEN = "Q#", "seeded", "V#", "J#", "O#"
JOB_DAYS = 30
CANCELED = "TransactionCanceledException"


class DynamoDBKnowledge:
    """The KnowledgeStore port. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is asked of DynamoDB yet."""
        self._items = items_of(settings)
        with vendor_errors():
            self._connection = self._items._get_connection().connection
            _ = self._connection.client  # made now, or each of the first threads would make one of its own
        self._generations = Generations(self._items, KNOWLEDGE)

    def version(self) -> int:
        item = get(self._items, KNOWLEDGE, LONE)
        return int(item.version or 0) if item else 0

    def entry(self, entry_id: str) -> Entry | None:
        item = get(self._items, self._partition(), ENTRIES + entry_id)
        return _entry(item) if item else None

    def entries(
        self, after: str = "", limit: int | None = None, category: str = "", active: bool | None = None
    ) -> list[Entry]:
        """A request for each MB of entries looked at; those that do not fit are looked at too."""
        partition = self._partition()
        with vendor_errors():
            found = self._items.query(partition, _entries_after(after), consistent_read=True)
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

    def apply(
        self, version: int, changes: Sequence[Change], progress: Callable[[int], object] = lambda stored: None
    ) -> bool:
        present = get(self._items, KNOWLEDGE, LONE)
        if (int(present.version or 0) if present else 0) != version - 1:
            return False
        generation = present.generation if present else None
        for change in changes:
            if change.after is None:  # first, because a crash after it leaves an entry that can be removed again
                self._forget(change.entry_id)
        if len(changes) <= MOST_CHANGES:
            return self._switch(version, generation, changes, changes)
        with vendor_errors():
            staged = self._stage(generation, changes, progress)
        return staged is not None and self._switch(version, staged, changes, ())

    def _switch(
        self, version: int, generation: str | None, changes: Sequence[Change], together: Sequence[Change]
    ) -> bool:
        """Make the knowledge's version `version`, in one transaction with the changes `together`."""
        said = sha256(msgspec.json.encode(changes)).digest()
        moved = self._items(KNOWLEDGE, LONE, version=version, generation=generation, body=said)
        partition = self._generations.partition(generation)
        with vendor_errors():
            try:
                with TransactWrite(connection=self._connection) as transaction:
                    transaction.save(moved, _at_version(version - 1 or None))
                    for change in together:
                        self._make(transaction, partition, change)
            except TransactWriteError as error:
                if failure(error)[0] != CANCELED:
                    raise
                stored = get(self._items, KNOWLEDGE, LONE)
                # Not refused if ours is there: then only the answer to the first try was lost.
                return stored is not None and (stored.version, stored.body) == (version, said)
        return True

    def _stage(
        self, generation: str | None, changes: Sequence[Change], progress: Callable[[int], object]
    ) -> str | None:
        """Write the entries as they shall be beside those that are; the generation's name, None when these differ."""
        query = self._items.query(self._generations.partition(generation), _entries_after(""), consistent_read=True)
        items = {item.sk.removeprefix(ENTRIES): item for item in query}
        for change in changes:
            held = items.pop(change.entry_id, None)
            if (int(held.version) if held else None) != (change.before.version if change.before else None):
                return None
        name = self._generations.begin(generation)
        partition = self._generations.partition(name)
        kept = (self._items(partition, sk, version=item.version, body=item.body) for sk, item in _places(items))
        self._generations.write(kept, lambda count: progress(0))
        self._generations.write(_replaced(self._items, one.before) for one in changes if one.before)
        fresh = (self._entry_item(partition, change.after) for change in changes if change.after)
        self._generations.write(fresh, progress)
        return name

    def seeded(self) -> dict[str, str]:
        item = get(self._items, KNOWLEDGE, SEEDED)
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

    def job(self, job_id: str) -> Job | None:
        item = get(self._items, KNOWLEDGE, JOBS + job_id)
        return msgspec.json.decode(unpack(item), type=Job) if item else None

    def open_jobs(self) -> list[Job]:
        """Beside each open job is a mark: written before it, removed after its end, and put right here."""
        with vendor_errors():
            marks = list(self._items.query(KNOWLEDGE, Item.sk.startswith(OPEN), consistent_read=True))
        jobs = [job for mark in marks if (job := self.job(mark.sk.removeprefix(OPEN)))]
        for job in jobs:
            if not job.open:
                self._unmark(job)
        return [job for job in jobs if job.open]

    def save_job(self, job: Job) -> bool:
        ends = datetime.now(UTC) + timedelta(days=JOB_DAYS)
        item = self._items(KNOWLEDGE, JOBS + job.id, version=job.version, expires_at=ends)
        item.body = pack(msgspec.json.encode(job))
        if job.version == 1:
            put(self._items(KNOWLEDGE, OPEN + job.id, expires_at=ends))
        if not put(item, _at_version(job.version - 1 or None)):
            return False
        if not job.open:
            self._unmark(job)
        return True

    def _unmark(self, job: Job) -> None:
        with vendor_errors():
            self._items(KNOWLEDGE, OPEN + job.id).delete()

    def _partition(self) -> str:
        """Where the present entries are."""
        item = get(self._items, KNOWLEDGE, LONE)
        return self._generations.partition(item.generation if item else None)

    def _make(self, transaction: TransactWrite, partition: str, change: Change) -> None:
        before, after = change.before, change.after
        held = _at_version(before.version if before else None)
        if before and after:
            transaction.save(_replaced(self._items, before))
        if after:
            transaction.save(self._entry_item(partition, after), held)
        else:
            transaction.delete(self._items(partition, ENTRIES + change.entry_id), held)

    def _entry_item(self, partition: str, entry: Entry) -> Item:
        return self._items(partition, ENTRIES + entry.id, version=entry.version, body=pack(msgspec.json.encode(entry)))

    def _forget(self, entry_id: str) -> None:
        """Remove the earlier versions of an entry."""
        with vendor_errors():
            for item in self._items.query(_history(entry_id), consistent_read=True, attributes_to_get=["pk", "sk"]):
                item.delete()

    def _put(self, sk: str, body: bytes) -> None:
        put(self._items(KNOWLEDGE, sk, body=pack(body)))


def _replaced(items: type[Item], entry: Entry) -> Item:
    """A version's words never change, so one that is there already, from an import that died, is only written anew."""
    return items(_history(entry.id), _place(entry.version), body=pack(msgspec.json.encode(entry)))


def _places(items: Mapping[str, Item]) -> Iterator[tuple[str, Item]]:
    return ((ENTRIES + name, item) for name, item in items.items())


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
