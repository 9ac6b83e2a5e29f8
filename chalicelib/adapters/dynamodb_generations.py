"""Generations of the knowledge's entries in DynamoDB: each has a partition of its own, one of them is the present one.

A generation that is written and never becomes the present one, because whoever wrote it was killed, is seen by nobody.
What is no longer present is kept for an hour, for those who are reading it, and removed when the next one is begun.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import Any

from chalicelib.adapters.dynamodb_tables import Item
from chalicelib.errors import Unavailable

GENERATIONS, ENTRIES = "G#", "E#"
KEPT_SECONDS = 3600
BATCH = 25  # items, the most that DynamoDB takes
WRITERS = 4  # a partition takes 1,000 writes a second, so more would only wait
TRIES, PAUSE = 10, 0.05  # of what a full partition did not take; seconds, doubling up to PAUSE * 2 ** 6


class Generations:
    def __init__(self, items: type[Item], partition: str) -> None:
        """`partition`: where the first generation is, and the list of the others."""
        self._items = items
        self._first = partition

    def partition(self, generation: str | None) -> str:
        return f"{self._first}#{GENERATIONS}{generation}" if generation else self._first

    def begin(self, present: str | None) -> str:
        """A name for a new generation, after removing those that nobody reads any more."""
        now = int(time.time())
        for note in self._items.query(self._first, Item.sk.startswith(GENERATIONS), consistent_read=True):
            if note.sk != GENERATIONS + (present or "") and int(note.version or 0) < now - KEPT_SECONDS:
                self._remove(note)
        name = token_hex(8)
        for noted in (present or "", name):  # the present one, because it is read until the switch and a little longer
            self._items(self._first, GENERATIONS + noted, version=now).save()
        return name

    def write(self, items: Iterable[Item], progress: Callable[[int], object] = lambda count: None) -> None:
        """Put all items, in batches; `progress` hears how many there are so far."""
        all_items = [item.serialize() for item in items]
        puts = (all_items[start : start + BATCH] for start in range(0, len(all_items), BATCH))
        with ThreadPoolExecutor(WRITERS) as pool:
            for count, _ in enumerate(pool.map(self._put, puts), 1):
                progress(min(count * BATCH, len(all_items)))

    def _put(self, left: list[dict[str, Any]]) -> None:
        for attempt in range(TRIES):
            answer = self._items._get_connection().batch_write_item(put_items=left)
            left = [one["PutRequest"]["Item"] for one in _unprocessed(answer, self._items)]
            if not left:
                return
            time.sleep(PAUSE * 2 ** min(attempt, 6))
        raise Unavailable

    def _remove(self, note: Item) -> None:
        partition = self.partition(note.sk.removeprefix(GENERATIONS))
        entries = Item.sk.startswith(ENTRIES)  # with the first generation there are other things, too
        for item in self._items.query(partition, entries, consistent_read=True, attributes_to_get=["pk", "sk"]):
            item.delete()
        note.delete()


def _unprocessed(answer: dict[str, Any], items: type[Item]) -> list[dict[str, Any]]:
    left: list[dict[str, Any]] = answer.get("UnprocessedItems", {}).get(items.Meta.table_name, [])
    return left
