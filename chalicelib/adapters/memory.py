"""Limits, presence, text in flight, shared answers and the breaker for one process. Nothing here need outlive it."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence

from chalicelib.chat.model import Answer
from chalicelib.chat.ports import SEEN_SECONDS, Bucket, Keepsake, Opening, Place, Share, Taken, Trip
from chalicelib.knowledge.ports import DOUBT_SECONDS

Monotonic = Callable[[], float]
MANY = 10_000


class MemoryLimiter:
    """GCRA: a bucket is one number, the time at which it would be full again."""

    available = True

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._full_at: dict[str, float] = {}
        self._seen_until: dict[str, float] = {}
        self._many_seen = MANY  # grows with what cannot be forgotten yet, or each call would look through it all
        self._lock = threading.Lock()

    def take(self, buckets: Sequence[Bucket], message: str = "") -> Taken:
        now = self._monotonic()
        with self._lock:
            self._forget_old(now)
            seen = bool(message) and self._note(message, now)
            wait = max(self._wait(bucket, now) for bucket in buckets)
            if wait <= 0:
                for bucket in buckets:
                    self._full_at[bucket.key] = max(now, self._full_at.get(bucket.key, now)) + 60 / bucket.per_minute
            return Taken(max(0.0, wait), seen)

    def _note(self, message: str, now: float) -> bool:
        seen = self._seen_until.get(message, now) > now
        if not seen:
            self._seen_until[message] = now + SEEN_SECONDS
        return seen

    def _wait(self, bucket: Bucket, now: float) -> float:
        interval = 60 / bucket.per_minute
        used = max(0.0, self._full_at.get(bucket.key, now) - now)
        return used + interval - bucket.capacity * interval

    def _forget_old(self, now: float) -> None:
        """Full buckets need no memory, nor do messages of long ago; looked for only when there are many."""
        if len(self._full_at) > MANY:
            self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        if len(self._seen_until) > self._many_seen:
            self._seen_until = {message: at for message, at in self._seen_until.items() if at > now}
            self._many_seen = max(MANY, 2 * len(self._seen_until))


class MemoryPresence:
    def __init__(self) -> None:
        self._groups: dict[str, dict[str, set[str]]] = defaultdict(dict)  # group → member → sockets
        self._taken: dict[str, set[tuple[str, str]]] = defaultdict(set)  # socket → its (group, member)
        self._lock = threading.Lock()

    def arrive(self, connection_id: str, places: Sequence[Place]) -> bool:
        with self._lock:
            if not all(self._has_room(place) for place in places):
                return False
            for place in places:
                self._release(connection_id, place.group)
                self._groups[place.group].setdefault(place.member, set()).add(connection_id)
                self._taken[connection_id].add((place.group, place.member))
            return True

    def leave(self, connection_id: str) -> None:
        with self._lock:
            for group, _ in list(self._taken.get(connection_id, ())):
                self._release(connection_id, group)
            self._taken.pop(connection_id, None)

    def count(self, group: str) -> int:
        with self._lock:
            return len(self._groups.get(group, ()))

    def _has_room(self, place: Place) -> bool:
        members = self._groups.get(place.group, {})
        return place.member in members or len(members) < place.most

    def _release(self, connection_id: str, group: str) -> None:
        """A socket has one place in a group at a time."""
        for taken in [t for t in self._taken[connection_id] if t[0] == group]:
            self._taken[connection_id].discard(taken)
            sockets = self._groups[group][taken[1]]
            sockets.discard(connection_id)
            if not sockets:
                del self._groups[group][taken[1]]
            if not self._groups[group]:
                del self._groups[group]


class MemoryBreaker:
    """Opens after FAILURES in a row; after PAUSE_SECONDS one caller may try, and closes it by succeeding."""

    FAILURES = 5
    PAUSE_SECONDS = 20.0

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._failures: dict[str, int] = defaultdict(int)
        self._skipped_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def allows(self, name: str) -> bool:
        with self._lock:
            until = self._skipped_until.get(name)
            if until is None:
                return True
            if self._monotonic() < until:
                return False
            self._skipped_until[name] = self._monotonic() + self.PAUSE_SECONDS  # the next trial, should this one fail
            return True

    def closed(self, name: str) -> bool:
        with self._lock:
            return name not in self._skipped_until

    def record(self, name: str, ok: bool) -> None:
        with self._lock:
            self._failures[name] = 0 if ok else self._failures[name] + 1
            if ok:
                self._skipped_until.pop(name, None)
            elif self._failures[name] >= self.FAILURES:
                self._skipped_until[name] = self._monotonic() + self.PAUSE_SECONDS


class MemoryLive:
    """Text in flight, and the Bulletin. Cancel flags and joined sockets are kept a while for a writer yet to start."""

    KEEP_SECONDS = 120.0

    def __init__(self, monotonic: Monotonic, breaker: MemoryBreaker) -> None:
        self._monotonic = monotonic
        self._breaker = breaker
        self._answers = _Answers(monotonic)
        self._versions = _Versions(monotonic)
        self._texts: dict[str, str] = {}
        self._cancelled: dict[str, float] = {}
        self._joined: dict[str, dict[str, float]] = {}
        self._lock = threading.Lock()

    def begin(self, session_id: str, reply_id: str, share: Share | None = None, model: str = "") -> Opening:
        with self._lock:
            self._texts[reply_id] = ""
            fresh = share is not None and self._versions.newest(share.knowledge)
            shared = self._answers.get(share.key) if share and fresh else None
            return Opening(self._trip(session_id, reply_id), shared, self._breaker.closed(model), fresh)

    def extend(self, session_id: str, reply_id: str, text: str) -> Trip:
        with self._lock:
            if reply_id not in self._cancelled:
                self._texts[reply_id] = self._texts.get(reply_id, "") + text
            return self._trip(session_id, reply_id)

    def join(self, session_id: str, connection_id: str) -> None:
        with self._lock:
            self._forget_old()
            self._joined.setdefault(session_id, {})[connection_id] = self._monotonic()

    def cancel(self, session_id: str, reply_id: str) -> str:
        with self._lock:
            self._forget_old()
            self._cancelled[reply_id] = self._monotonic()
            return self._texts.get(reply_id, "")

    def end(self, session_id: str, reply_id: str, keep: Keepsake | None = None, worked: str = "") -> Trip:
        with self._lock:
            if keep:
                self._answers.put(keep)
            if worked:
                self._breaker.record(worked, True)
            self._texts.pop(reply_id, None)
            trip = self._trip(session_id, reply_id)
            self._cancelled.pop(reply_id, None)
            return trip

    def changing(self, version: int) -> bool:
        with self._lock:
            self._versions.doubt(version)
        return True

    def changed(self, version: int) -> bool:
        with self._lock:
            self._versions.newest(version)
        return True

    def _trip(self, session_id: str, reply_id: str) -> Trip:
        return Trip(reply_id in self._cancelled, tuple(self._joined.pop(session_id, ())))

    def _forget_old(self) -> None:
        oldest = self._monotonic() - self.KEEP_SECONDS
        self._cancelled = {key: at for key, at in self._cancelled.items() if at > oldest}
        self._joined = {key: sockets for key, sockets in self._joined.items() if max(sockets.values()) > oldest}


class _Versions:
    """The newest version that the knowledge is known to have. Its owner holds a lock.

    What a process forgets, its index is forgotten with: nobody is behind who could ask.
    """

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._version = 0
        self._doubtful, self._doubt_until = 0, 0.0

    def doubt(self, version: int) -> None:
        """A change to `version` may be under way."""
        self._doubtful, self._doubt_until = version, self._monotonic() + DOUBT_SECONDS

    def newest(self, version: int) -> bool:
        """Note that `version` was seen; whether it is the newest, without a doubt."""
        self._version = max(self._version, version)
        if version < self._doubtful and self._monotonic() < self._doubt_until:
            return False
        return version == self._version


class _Answers:
    """The newest MOST answers; what has expired goes when it is the oldest. Its owner holds a lock."""

    MOST = 5_000

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, Answer]] = {}

    def get(self, key: str) -> Answer | None:
        until, answer = self._kept.get(key, (0.0, None))
        return answer if self._monotonic() < until else None

    def put(self, keep: Keepsake) -> None:
        self._kept.pop(keep.key, None)
        self._kept[keep.key] = (self._monotonic() + keep.seconds, keep.answer)
        if len(self._kept) > self.MOST:
            del self._kept[next(iter(self._kept))]
