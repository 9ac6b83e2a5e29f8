"""Who has an open socket now, in any process. A place expires unless it is taken again in time.

A process that holds its sockets (the portable runtime) takes their places again every third of their life, and at once
when Redis is back: those of a killed process are free soon after it, and an empty Redis learns of all. On
Lambda nobody holds a socket: there a place lives as long as API Gateway lets a connection live, and ends with
`$disconnect`.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from chalicelib.adapters.redis_client import Cache, Call
from chalicelib.chat.ports import Place

HELD_SECONDS = 90.0
API_GATEWAY_SECONDS = 7200.0  # its longest connection
NO_LIMIT = 1_000_000_000
SOCKETS_AT_ONCE = 50  # whose places are taken again in one round trip
FULL, KNOWN = 0, 2  # answers of group.lua

Places = Mapping[str, str]  # group → member


class RedisPresence:
    def __init__(self, cache: Cache, *, holds_sockets: bool, life: float | None = None) -> None:
        self._cache = cache
        self._life = life or (HELD_SECONDS if holds_sockets else API_GATEWAY_SECONDS)
        self._held: dict[str, dict[str, str]] | None = defaultdict(dict) if holds_sockets else None
        self._left: dict[str, tuple[float, Places]] = {}  # until when to tell Redis, which was away, that they are
        self._lock = threading.Lock()
        self._closed = False
        self._due = threading.Event()  # set when places must be taken again before their time
        if holds_sockets:
            cache.on_return(self._due.set)
            threading.Thread(target=self._keep, name="presence", daemon=True).start()

    def arrive(self, connection_id: str, places: Sequence[Place]) -> bool:
        """One round trip; a second one to undo it when a group is full, or to leave the places held before."""
        wanted = {place.group: place.member for place in places}
        answers = self._cache.run(
            self._put(connection_id, wanted),
            *(self._arrive(connection_id, place.group, place.member, place.most) for place in places),
        )
        if answers is None:
            self._hold(connection_id, wanted)
            return True
        before, took = _places(answers[0]), dict(zip(wanted, answers[1:], strict=True))
        if FULL in took.values():
            fresh = {group: wanted[group] for group, answer in took.items() if answer not in (FULL, KNOWN)}
            self._cache.run(self._put(connection_id, before), *_leave(connection_id, fresh))
            return False
        self._hold(connection_id, wanted)
        moved = {group: member for group, member in before.items() if member and member != wanted[group]}
        if moved:
            self._cache.run(*_leave(connection_id, moved))
        return True

    def leave(self, connection_id: str) -> None:
        """One round trip where the socket is held; elsewhere its places are looked up first."""
        places: Places | None = None
        if self._held is not None:
            with self._lock:
                places = self._held.pop(connection_id, None)
        if places is None:
            answers = self._cache.run(Call("socket", _socket_key(connection_id), ("take",)))
            places = _places(answers[0]) if answers else {}
            if places:
                self._cache.run(*_leave(connection_id, places))
        else:
            self._tell_left({connection_id: places})

    def count(self, group: str) -> int:
        answers = self._cache.run(Call("group", _group_key(group), ("count",)))
        return int(answers[0]) if answers else 0

    def close(self) -> None:
        self._closed = True
        self._due.set()

    def _hold(self, connection_id: str, places: Places) -> None:
        if self._held is not None:
            with self._lock:
                self._held[connection_id].update(places)

    def _keep(self) -> None:
        while True:
            self._due.wait(self._life / 3)
            self._due.clear()
            if self._closed:
                return
            with self._lock:
                sockets, left = list(self._held or ()), self._left
                self._left = {}
            now = time.monotonic()
            self._tell_left({socket: places for socket, (until, places) in left.items() if until > now})
            for start in range(0, len(sockets), SOCKETS_AT_ONCE):
                self._take_again(sockets[start : start + SOCKETS_AT_ONCE])

    def _take_again(self, sockets: Sequence[str]) -> None:
        with self._lock:
            held = {socket: dict((self._held or {}).get(socket, {})) for socket in sockets}
        self._cache.run(*(call for socket, places in held.items() for call in self._again(socket, places)))
        with self._lock:
            left = {socket: places for socket, places in held.items() if socket not in (self._held or {})}
        self._tell_left(left)  # while their places were taken again

    def _tell_left(self, sockets: Mapping[str, Places]) -> None:
        """One round trip each; kept for Redis' return if it is away."""
        for socket, places in sockets.items():
            record = Call("socket", _socket_key(socket), ("take",))
            if self._cache.run(record, *_leave(socket, places)) is None:
                with self._lock:
                    self._left[socket] = time.monotonic() + self._life, places

    def _again(self, socket: str, places: Places) -> Iterator[Call]:
        yield self._put(socket, places)
        for group, member in places.items():
            yield self._arrive(socket, group, member, NO_LIMIT)

    def _put(self, connection_id: str, places: Places) -> Call:
        pairs = (part for place in places.items() for part in place)
        return Call("socket", _socket_key(connection_id), ("put", round(self._life * 1000), *pairs))

    def _arrive(self, connection_id: str, group: str, member: str, most: int) -> Call:
        return Call("group", _group_key(group), ("arrive", member, connection_id, most, round(self._life * 1000)))


def _leave(connection_id: str, places: Places) -> list[Call]:
    return [Call("group", _group_key(group), ("leave", member, connection_id)) for group, member in places.items()]


def _places(answer: Sequence[str]) -> dict[str, str]:
    """[group, member, …] as Redis answers it."""
    return dict(zip(answer[::2], answer[1::2], strict=True))


def _group_key(group: str) -> str:
    return f"chat:group:{group}"


def _socket_key(connection_id: str) -> str:
    return f"chat:socket:{connection_id}"
