"""Conversations in one DynamoDB table, for any number of processes: AWS, or any endpoint that speaks it.

Waits 1 s for a connection and 2 s for an answer, twice, then raises Unavailable. Nothing scans. Items past their
time are left out here, because DynamoDB deletes them up to days late. docs/dynamodb.md has keys and requests.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from typing import Any, get_args
from zlib import crc32

import msgspec
from pynamodb.expressions.condition import Condition

from chalicelib.adapters.dynamodb_tables import LONE, Item, get, items_of, pack, put, unpack, vendor_errors
from chalicelib.analytics.facts import HOUR_MS, Fact
from chalicelib.chat import facts
from chalicelib.chat.model import Connection, Header, Message, Note, Tail, UserType, questions_without_outcome
from chalicelib.chat.people import Audience
from chalicelib.chat.ports import Clock
from chalicelib.settings import Settings

CONNECTION_HOURS = 3  # API Gateway ends a socket after two
CONVERSATION_HOURS = 400 * 24
SHARDS = 8  # of each hour: a partition takes 1,000 writes a second
LOG, NOTES = "M#", "F#"  # "F" sorts before "M", and "M" before "~", the header
END_OF_LOG = "M#9999999999"
SWEPT = "swept"
USER_TYPES = get_args(UserType)
NEWEST_OF_USER = 20  # conversations, in which somebody's open tabs are looked for


class DynamoDBSessions:
    """The Sessions port. Thread-safe; two of them share nothing."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Nothing is asked of DynamoDB yet."""
        self._items = items_of(settings)
        self._clock = clock
        with vendor_errors():
            # Made now, or each of the first threads would make one of its own: 0.1 s of processor time.
            _ = self._items._get_connection().connection.client

    def connection(self, connection_id: str) -> Connection | None:
        item = self._get(f"C#{connection_id}", LONE)
        return msgspec.json.decode(unpack(item), type=Connection) if item else None

    def save_connection(self, connection: Connection) -> None:
        """With a place in the index by user, beside people's conversations, by which open sockets are found."""
        place = {} if connection.operator else _among_open(connection, self._clock.now())
        put(self._item(f"C#{connection.connection_id}", LONE, connection, CONNECTION_HOURS, **place))

    def drop_connection(self, connection_id: str) -> None:
        with vendor_errors():
            self._items(f"C#{connection_id}", LONE).delete()

    def open_sockets(self, audience: Audience, after: str, limit: int) -> tuple[list[str], str]:
        """One Query, of the index; for one user, one more for each of their newest conversations."""
        if audience.user_id:
            return self._sockets_of(f"u#{audience.user_id}"), ""
        types = [audience.user_type] if audience.user_type else USER_TYPES
        partitions = [f"c#{user_type}#{shard}" for user_type in types for shard in range(SHARDS)]
        number, last = msgspec.json.decode(after, type=tuple[int, Any]) if after else (0, None)
        with vendor_errors():
            found = self._items.by_user.query(partitions[number], limit=limit, last_evaluated_key=last)
            sockets = [item.pk.removeprefix("C#") for item in found]
            last = found.last_evaluated_key
        number += last is None
        return sockets, msgspec.json.encode((number, last)).decode() if number < len(partitions) else ""

    def _sockets_of(self, user: str) -> list[str]:
        with vendor_errors():
            newest = list(self._items.by_user.query(user, limit=NEWEST_OF_USER, scan_index_forward=False))
        tails = (self.tail(item.pk.removeprefix("S#"), 1) for item in newest)
        return [socket for tail in tails if tail for socket in tail.header.sockets]

    def create(self, header: Header, first: Message) -> bool:
        """The header comes last: a crash before it leaves one item that nobody finds, and that TTL removes."""
        self.append(first)
        return put(self._header_item(header), Item.pk.does_not_exist())

    def tail(self, session_id: str, newest: int) -> Tail | None:
        """One request: from its end a conversation is its header, its log, its notes, and those are not asked for."""
        found = self._query(_conversation(session_id), Item.sk >= LOG, limit=newest + 1, newest_first=True)
        if not found or found[0].sk != LONE:
            return None
        header = msgspec.json.decode(unpack(found[0]), type=Header)
        return Tail(header, tuple(map(_message, reversed(found[1:]))))

    def append(self, message: Message) -> bool:
        return put(self._log_item(message), Item.pk.does_not_exist())

    def save_header(self, header: Header) -> bool:
        return put(self._header_item(header), Item.version == header.version - 1)

    def before(self, session_id: str, seq: int, limit: int) -> list[Message]:
        earlier = Item.sk.between(LOG, _place(seq - 1))
        found = self._query(_conversation(session_id), earlier, limit=limit, newest_first=True)
        return [_message(item) for item in reversed(found)]

    def after(self, session_id: str, seq: int, limit: int | None) -> list[Message]:
        later = Item.sk.between(_place(seq + 1), END_OF_LOG)
        return [_message(item) for item in self._query(_conversation(session_id), later, limit=limit)]

    def save_note(self, note: Note) -> None:
        place = _conversation(note.session_id), NOTES + note.key
        about = _in_hour(note.session_id, note.at, "f", note.key, facts.of_note(note))
        put(self._item(*place, note, CONVERSATION_HOURS, **about))

    def notes(self, session_id: str) -> list[Note]:
        found = self._query(_conversation(session_id), Item.sk.startswith(NOTES))
        return [msgspec.json.decode(unpack(item), type=Note) for item in found]

    def unanswered(self, since: int, until: int) -> list[Message]:
        """Questions without a reply among the facts of those hours, each confirmed in its conversation's log.

        8 queries an hour, 8 at a time. The index is behind by moments: what it does not show yet comes next time.
        """
        hours = range(since // HOUR_MS, (until - 1) // HOUR_MS + 1) if since < until else range(0)
        buckets = [_bucket(hour, shard) for hour in hours for shard in range(SHARDS)]
        with ThreadPoolExecutor(SHARDS) as pool:
            told = chain.from_iterable(pool.map(lambda bucket: self._told(bucket, since), buckets))
            doubtful = _oldest_doubtful(told, since, until)
            logs = pool.map(lambda place: self.after(place[0], place[1] - 1, None), doubtful.items())
            found = [m for log in logs for m in questions_without_outcome(tuple(log)) if since <= m.at < until]
        return sorted(found, key=lambda m: (m.at, m.session_id, m.seq))

    def swept(self) -> int:
        item = self._get(SWEPT, LONE)
        return msgspec.json.decode(unpack(item), type=int) if item else 0

    def save_swept(self, until: int) -> None:
        put(self._items(SWEPT, LONE, body=pack(msgspec.json.encode(until))))

    def facts(self, hour: int) -> Iterator[Fact]:
        """The Facts port: 8 queries, each of 1 MB at most."""
        for shard in range(SHARDS):
            for item in self._told(_bucket(hour, shard), hour * HOUR_MS):
                if item.facts:
                    yield msgspec.json.decode(item.facts, type=Fact)

    def _told(self, bucket: str, since: int) -> list[Item]:
        with vendor_errors():
            return list(self._items.by_hour.query(bucket, Item.fact >= _moment(since)))

    def _get(self, pk: str, sk: str) -> Item | None:
        item = get(self._items, pk, sk)
        return item if item and self._lives(item) else None

    def _query(self, pk: str, keys: Condition, *, limit: int | None = None, newest_first: bool = False) -> list[Item]:
        with vendor_errors():
            found = self._items.query(pk, keys, consistent_read=True, limit=limit, scan_index_forward=not newest_first)
            return [item for item in found if self._lives(item)]

    def _lives(self, item: Item) -> bool:
        return item.expires_at is None or item.expires_at.timestamp() * 1000 > self._clock.now()

    def _header_item(self, header: Header) -> Item:
        kind, _, user = header.owner.partition(":")
        by_user = {"user": f"u#{user}", "started": header.created_at} if kind == "user" else {}
        pk = _conversation(header.session_id)
        return self._item(pk, LONE, header, CONVERSATION_HOURS, version=header.version, **by_user)

    def _log_item(self, message: Message) -> Item:
        pk = _conversation(message.session_id)
        return self._item(pk, _place(message.seq), message, CONVERSATION_HOURS, **_of_message(message))

    def _item(self, pk: str, sk: str, value: msgspec.Struct, hours: int, **attributes: Any) -> Item:
        expires_at = datetime.fromtimestamp(self._clock.now() // 1000 + hours * 3600, UTC)
        return self._items(pk, sk, body=pack(msgspec.json.encode(value)), expires_at=expires_at, **attributes)


def _among_open(connection: Connection, now: int) -> dict[str, Any]:
    shard = crc32(connection.connection_id.encode()) % SHARDS
    return {"user": f"c#{connection.user_type}#{shard}", "started": now}


def _conversation(session_id: str) -> str:
    return f"S#{session_id}"


def _place(seq: int) -> str:
    return f"{LOG}{seq:010d}"


def _message(item: Item) -> Message:
    return msgspec.json.decode(unpack(item), type=Message)


def _bucket(hour: int, shard: int) -> str:
    return f"h#{hour}#{shard}"


def _moment(at: int) -> str:
    return f"{at:015d}"


def _of_message(message: Message) -> dict[str, Any]:
    """A question (q) and its outcome (a) both name the question; what nobody asked for (n) names itself."""
    kind = "a" if message.in_reply_to else "q" if message.sender == "user" else "n"
    name = message.in_reply_to or message.message_id
    return _in_hour(message.session_id, message.at, kind, name, facts.of_message(message))


def _in_hour(session_id: str, at: int, kind: str, name: str, told: Fact | None) -> dict[str, Any]:
    """What an item has in the index of its hour."""
    shard = crc32(session_id.encode()) % SHARDS
    keys = {"hour": _bucket(at // HOUR_MS, shard), "fact": f"{_moment(at)}#{kind}#{name}"}
    return {**keys, "facts": msgspec.json.encode(told)} if told else keys


def _oldest_doubtful(told: Iterable[Item], since: int, until: int) -> dict[str, int]:
    """Conversation → the first place of a question that the facts show no outcome of."""
    settled, asked = set(), []
    for item in told:
        at, kind, question = item.fact.split("#", 2)
        if kind == "a":
            settled.add(question)
        elif kind == "q" and since <= int(at) < until:
            asked.append((item.pk.removeprefix("S#"), int(item.sk.removeprefix(LOG)), question))
    places: dict[str, int] = defaultdict(lambda: 10**10)
    for session_id, seq, question in asked:
        if question not in settled:
            places[session_id] = min(places[session_id], seq)
    return places
