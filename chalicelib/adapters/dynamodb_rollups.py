"""What was counted, in the one DynamoDB table; what was contributed expires with the conversations it came from."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec
from pynamodb.expressions.condition import Condition

from chalicelib.adapters.dynamodb_tables import LONE, Item, get, items_of, pack, put, unpack, vendor_errors
from chalicelib.analytics.facts import HOUR_MS
from chalicelib.analytics.figures import ByUserType
from chalicelib.analytics.ports import Contribution
from chalicelib.settings import Settings

ROLLED, SOURCES, HOURS, DAYS = "A#rolled", "A#sources", "A#hours", "A#days"
KEEP_CONTRIBUTIONS = timedelta(days=400)
MOST_PARTS = 1_000  # conversations in an item: 200 bytes each before they are compressed, and 400 KB is the limit
_figures = msgspec.json.Decoder(ByUserType)


class DynamoDBRollups:
    """The Rollups port. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is asked of DynamoDB yet."""
        self._items = items_of(settings)

    def rolled_until(self) -> int:
        return int(self._body(ROLLED, LONE) or 0)

    def save_rolled_until(self, hour: int) -> None:
        self._put(ROLLED, LONE, hour)

    def targets(self, source: int) -> frozenset[int]:
        body = self._body(SOURCES, _name(source))
        return msgspec.json.decode(body, type=frozenset[int]) if body else frozenset()

    def save_targets(self, source: int, targets: Iterable[int]) -> None:
        self._put(SOURCES, _name(source), sorted(targets), source)

    def replace(self, target: int, source: int, contribution: Contribution | None) -> None:
        place = f"C#{_name(source)}#"
        with vendor_errors():
            found = self._items.query(_contributions(target), Item.sk.startswith(place), consistent_read=True)
            stale = {item.sk for item in found}
        for number, some in enumerate(_in_items(contribution)):
            self._put(_contributions(target), f"{place}{number}", some, target)
            stale.discard(f"{place}{number}")
        with vendor_errors():
            for sk in stale:
                self._items(_contributions(target), sk).delete()

    def contributions(self, target: int) -> list[Contribution]:
        found = self._query(_contributions(target), Item.sk.startswith("C#"))
        return [msgspec.json.decode(body, type=Contribution) for _, body in found]

    def save_hour(self, hour: int, figures: ByUserType) -> None:
        self._put(HOURS, _name(hour), figures)

    def hours(self, since: int, until: int) -> dict[int, ByUserType]:
        found = self._query(HOURS, Item.sk.between(_name(since), _name(until - 1)))
        return {int(name): _figures.decode(body) for name, body in found}

    def save_day(self, day: date, figures: ByUserType) -> None:
        self._put(DAYS, day.isoformat(), figures)

    def days(self, since: date, until: date) -> dict[date, ByUserType]:
        if until < since:  # which DynamoDB refuses
            return {}
        found = self._query(DAYS, Item.sk.between(since.isoformat(), until.isoformat()))
        return {date.fromisoformat(name): _figures.decode(body) for name, body in found}

    def _body(self, pk: str, sk: str) -> bytes | None:
        item = get(self._items, pk, sk)
        return unpack(item) if item else None

    def _query(self, pk: str, keys: Condition) -> list[tuple[str, bytes]]:
        with vendor_errors():
            return [(item.sk, unpack(item)) for item in self._items.query(pk, keys, consistent_read=True)]

    def _put(self, pk: str, sk: str, value: object, hour: int | None = None) -> None:
        """Write an item; one that belongs to `hour` expires."""
        expires_at = _expiry(hour) if hour is not None else None
        put(self._items(pk, sk, body=pack(msgspec.json.encode(value)), expires_at=expires_at))


def _in_items(contribution: Contribution | None) -> Iterator[Contribution]:
    """The contribution in pieces that fit in an item each."""
    if contribution is None:
        return
    parts = contribution.parts
    yield Contribution(contribution.turns, parts[:MOST_PARTS])
    for start in range(MOST_PARTS, len(parts), MOST_PARTS):
        yield Contribution(parts=parts[start : start + MOST_PARTS])


def _contributions(target: int) -> str:
    return f"A#{_name(target)}"


def _name(hour: int) -> str:
    return f"{hour:010d}"


def _expiry(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR_MS / 1000, UTC) + KEEP_CONTRIBUTIONS
