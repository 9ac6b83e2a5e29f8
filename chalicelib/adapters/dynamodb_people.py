"""Who waits for a person of the team, and what administrators have told people, in the one DynamoDB table.

The queue is a partition that is as long as it; so is the list of notices, and there is one for each box.
"""

from datetime import UTC, datetime

import msgspec

from chalicelib.adapters.dynamodb_tables import LONE, Item, get, items_of, pack, put, unpack, vendor_errors
from chalicelib.chat.model import Handoff
from chalicelib.chat.people import MOST_MISSED, NOTICES_KEPT_MS, Notice
from chalicelib.chat.ports import Clock
from chalicelib.settings import Settings

HANDOFFS, NOTICES, TOLD = "H", "N", "T"


class DynamoDBPeople:
    """The ports Handoffs and Notices. Thread-safe. What is past its time is left out: DynamoDB deletes it days late."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Nothing is asked of DynamoDB yet."""
        self._items = items_of(settings)
        self._clock = clock

    def handoff(self, session_id: str) -> Handoff | None:
        item = get(self._items, HANDOFFS, session_id)
        return msgspec.json.decode(unpack(item), type=Handoff) if item else None

    def save_handoff(self, handoff: Handoff) -> None:
        put(self._items(HANDOFFS, handoff.session_id, body=pack(msgspec.json.encode(handoff))))

    def drop_handoff(self, session_id: str) -> None:
        with vendor_errors():
            self._items(HANDOFFS, session_id).delete()

    def handoffs(self) -> list[Handoff]:
        with vendor_errors():
            found = list(self._items.query(HANDOFFS, consistent_read=True))
        return [msgspec.json.decode(unpack(item), type=Handoff) for item in found]

    def save_notice(self, notice: Notice) -> bool:
        first = notice.version == 1
        condition = Item.pk.does_not_exist() if first else Item.version == notice.version - 1
        return put(self._item(NOTICES, notice), condition)

    def notice(self, notice_id: str) -> Notice | None:
        item = get(self._items, NOTICES, notice_id)
        return _notice(item) if item else None

    def newest(self, before: str, limit: int) -> list[Notice]:
        ends = before or "9"
        found = self._newest(NOTICES, f"{self._past():013d}", ends, limit + 1)
        return [_notice(item) for item in found if item.sk != ends][:limit]

    def keep(self, box: str, notice: Notice) -> None:
        put(self._item(f"{NOTICES}#{box}", notice))

    def kept(self, box: str, since: int) -> list[Notice]:
        begins = f"{max(since, self._past()) + 1:013d}"
        return [_notice(item) for item in reversed(self._newest(f"{NOTICES}#{box}", begins, "9", MOST_MISSED))]

    def told(self, owner: str) -> int | None:
        item = get(self._items, f"{TOLD}#{owner}", LONE)
        return int(item.version or 0) if item else None

    def save_told(self, owner: str, at: int) -> None:
        put(self._items(f"{TOLD}#{owner}", LONE, version=at, expires_at=_expiry(at)))

    def _newest(self, pk: str, begins: str, ends: str, limit: int) -> list[Item]:
        between = Item.sk.between(begins, ends)
        with vendor_errors():
            return list(self._items.query(pk, between, consistent_read=True, limit=limit, scan_index_forward=False))

    def _item(self, pk: str, notice: Notice) -> Item:
        body = pack(msgspec.json.encode(notice))
        return self._items(pk, notice.id, body=body, version=notice.version, expires_at=_expiry(notice.at))

    def _past(self) -> int:
        return self._clock.now() - NOTICES_KEPT_MS


def _expiry(at: int) -> datetime:
    return datetime.fromtimestamp((at + NOTICES_KEPT_MS) // 1000, UTC)


def _notice(item: Item) -> Notice:
    return msgspec.json.decode(unpack(item), type=Notice)
