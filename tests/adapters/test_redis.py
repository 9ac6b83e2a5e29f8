"""Redis as it fails: gone, empty, slow, full; and what a call costs while it does not."""

import threading
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from chalicelib.adapters.redis import RedisBreaker, RedisLimiter, RedisLive
from chalicelib.adapters.redis_client import Cache
from chalicelib.adapters.redis_presence import RedisPresence
from chalicelib.chat.model import Answer
from chalicelib.chat.ports import Bucket, Keepsake, Opening, Place, Share, Trip
from tests.server import eventually
from tests.valkey import Valkey

AT_MOST = 3.0  # seconds for twenty callers at once: one after the other, they would take five or more
AT_ONCE = 2.0  # seconds for some twenty calls: each waiting for a timeout, they would take six
PERSON = Bucket("person:a", per_minute=10, capacity=2)
ADDRESS = Bucket("address:1", per_minute=100, capacity=100)
OPEN = Place("sessions", "s", 1)
KEEP = Keepsake("k", Answer("um"), 60)


class Process:
    """What one process has of Redis."""

    def __init__(self, server: Valkey, **options: float) -> None:
        self.lost: list[str] = []
        self.time = 1000.0
        self.cache = Cache(server.url, cluster=server.cluster, log=self.lost.append, now=lambda: self.time)
        self.limiter = RedisLimiter(self.cache)
        self.live = RedisLive(self.cache)
        self.breaker = RedisBreaker(self.cache)
        self.presence = RedisPresence(self.cache, holds_sockets=bool(options), **options)

    def die(self) -> None:
        """It says goodbye to nobody."""
        self.presence.close()
        self.cache.close()


Begin = Callable[..., Process]


@pytest.fixture(scope="module", params=["valkey", "valkey cluster"])
def one_server(request: pytest.FixtureRequest) -> Iterator[Valkey]:
    running = Valkey(cluster=request.param == "valkey cluster")
    yield running
    running.stop()


@pytest.fixture
def server(one_server: Valkey) -> Valkey:
    """Started and empty."""
    if not one_server.running:
        one_server.start()
    one_server.empty()
    return one_server


@pytest.fixture
def begin(server: Valkey) -> Iterator[Begin]:
    begun: list[Process] = []

    def another(**options: float) -> Process:
        begun.append(Process(server, **options))
        return begun[-1]

    yield another
    server.thaw()
    for process in begun:
        process.die()


def everything(process: Process) -> dict[str, Callable[[], object]]:
    return {
        "take": lambda: process.limiter.take([PERSON, ADDRESS], "s#1"),
        "arrive": lambda: process.presence.arrive("1", [OPEN, Place("owner:x", "1", 5)]),
        "count": lambda: process.presence.count("sessions"),
        "join": lambda: process.live.join("s", "1"),
        "begin": lambda: process.live.begin("s", "r", Share("k", 1), "model"),
        "extend": lambda: process.live.extend("s", "r", "um"),
        "cancel": lambda: process.live.cancel("s", "r"),
        "end": lambda: process.live.end("s", "r", KEEP, "model"),
        "allows": lambda: process.breaker.allows("model"),
        "closed": lambda: process.breaker.closed("model"),
        "record": lambda: process.breaker.record("model", False),
        "changing": lambda: process.live.changing(1),
        "changed": lambda: process.live.changed(1),
        "leave": lambda: process.presence.leave("1"),
    }


def lets_everything_through(process: Process) -> None:
    """The answers without Redis; each at once, but for the first that finds out."""
    fresh = Bucket(f"person:{uuid4()}", per_minute=10, capacity=2)
    alone = [process.limiter.take([fresh, ADDRESS]) for _ in range(3)]
    assert [taken.wait for taken in alone[:2]] == [0.0] * 2 and alone[2].wait > 0  # it counts for itself
    assert process.presence.arrive("2", [Place("sessions", "other", 1)]) and process.presence.count("sessions") == 0
    assert process.live.begin("s", "r", Share("k", 1), "model") == Opening(Trip(False))
    assert process.live.extend("s", "r", "um") == process.live.end("s", "r", KEEP, "model") == Trip(False)
    assert process.live.cancel("s", "r") == ""
    assert not process.live.changing(2) and not process.live.changed(2)
    for _ in range(9):
        process.breaker.record("model", False)
    assert process.breaker.allows("model") and process.breaker.closed("model")


def seconds(call: Callable[[], object]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


def works_again(server: Valkey, process: Process, within: float) -> None:
    """Calls reach Redis: what one process says, another hears."""
    eventually(lambda: process.cache.available, within)
    other = Process(server)
    assert process.live.cancel("again", "r") == "" and other.live.begin("again", "r").trip.cancelled
    other.die()


def test_a_call_is_one_round_trip_and_has_one_slot(server: Valkey, begin: Begin) -> None:
    process = begin(life=90.0)
    for call in everything(process).values():
        call()  # connects, and loads the scripts
    server.empty_figures()
    for name, call in everything(process).items():
        assert server.round_trips(call) == 1, name
    assert server.refusals() == set() and process.lost == []


def test_only_a_refusal_by_one_of_two_costs_a_second_round_trip(server: Valkey, begin: Begin) -> None:
    process = begin()
    for _ in range(3):
        process.limiter.take([PERSON, ADDRESS])
    assert server.round_trips(lambda: process.limiter.take([PERSON, ADDRESS])) == 2


def test_scripts_are_loaded_when_the_server_has_lost_them(server: Valkey, begin: Begin) -> None:
    process = begin()
    process.live.extend("s", "r", "um ")
    with server.client() as client:
        client.script_flush()
    process.live.extend("s", "r", "dois")
    assert process.live.cancel("s", "r") == "um dois" and process.lost == []


def test_a_bucket_fills_by_the_servers_clock(begin: Begin) -> None:
    process, quick = begin(), Bucket("quick", per_minute=300, capacity=1)
    assert process.limiter.take([quick]).wait == 0 and process.limiter.take([quick]).wait > 0
    assert eventually(lambda: process.limiter.take([quick]).wait == 0, 2)


def test_without_redis_each_counts_for_itself_and_it_comes_back_by_itself(server: Valkey, begin: Begin) -> None:
    process = begin()
    process.limiter.take([PERSON])
    server.stop()
    assert seconds(lambda: process.limiter.take([PERSON])) < AT_MOST
    assert not process.limiter.available
    assert seconds(lambda: lets_everything_through(process)) < AT_ONCE
    server.start()
    works_again(server, process, 2)
    assert len(process.lost) == 1 and "ConnectionError" in process.lost[0]


def test_a_process_that_starts_without_redis_finds_it_later(server: Valkey, begin: Begin) -> None:
    server.stop()
    process = begin()
    assert seconds(lambda: lets_everything_through(process)) < AT_MOST
    server.start()
    works_again(server, process, 2)


@pytest.mark.parametrize("connected", [True, False])
def test_a_redis_that_does_not_answer_costs_one_timeout_for_all(
    server: Valkey, begin: Begin, *, connected: bool
) -> None:
    process = begin()
    if connected:
        process.limiter.take([ADDRESS])
    server.freeze()
    took: list[float] = []
    ask = threading.Barrier(20)

    def turn() -> None:
        ask.wait()
        took.append(seconds(lambda: process.limiter.take([ADDRESS])))

    turns = [threading.Thread(target=turn) for _ in range(20)]
    for one in turns:
        one.start()
    for one in turns:
        one.join()
    assert max(took) < AT_MOST
    assert seconds(lambda: lets_everything_through(process)) < AT_ONCE
    time.sleep(1.5)  # while it goes on, the looking costs no turn anything
    assert seconds(lambda: lets_everything_through(process)) < AT_ONCE
    server.thaw()
    works_again(server, process, 2)
    assert len(process.lost) == 1


def test_a_full_redis_counts_as_gone(server: Valkey, begin: Begin) -> None:
    process = begin()
    with server.client() as client:
        client.config_set("maxmemory", 1)
        lets_everything_through(process)
        time.sleep(1.3)
        assert not process.cache.available and len(process.lost) == 1
        client.config_set("maxmemory", 0)
    works_again(server, process, 2)


def test_connections_the_server_has_closed_are_not_an_outage(server: Valkey, begin: Begin) -> None:
    process = begin()
    process.live.extend("s", "r", "um")
    with server.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)
    assert process.live.cancel("s", "r") == "um" and process.lost == []


def test_a_process_that_was_frozen_connects_anew(server: Valkey, begin: Begin) -> None:
    process = begin()
    process.live.extend("s", "r", "um")
    process.time += 29
    process.live.extend("s", "r", " ")
    server.empty_figures()
    process.time += 31
    assert process.live.cancel("s", "r") == "um "
    with server.client() as client:
        assert client.info("stats")["total_connections_received"] == 2  # of the process, and this one


def test_places_stay_while_their_process_lives_and_are_free_soon_after(begin: Begin) -> None:
    living, watching = begin(life=0.6), begin()
    assert living.presence.arrive("1", [OPEN])
    time.sleep(1.5)
    assert watching.presence.count("sessions") == 1
    assert not watching.presence.arrive("2", [Place("sessions", "other", 1)])
    living.die()
    assert eventually(lambda: watching.presence.arrive("2", [Place("sessions", "other", 1)]), 2)


def test_a_redis_that_comes_back_empty_learns_at_once_who_is_here(server: Valkey, begin: Begin) -> None:
    process = begin(life=90.0)
    process.presence.arrive("1", [OPEN])
    server.stop()
    assert process.presence.arrive("2", [Place("sessions", "t", 1)])  # nobody counts now
    server.start()
    assert eventually(lambda: process.presence.count("sessions") == 2, 4)
    process.presence.leave("1")
    process.presence.leave("2")
    assert process.presence.count("sessions") == 0


def test_who_leaves_while_redis_does_not_answer_is_gone_when_it_does(server: Valkey, begin: Begin) -> None:
    process = begin(life=90.0)
    assert all(process.presence.arrive(one, [Place("sessions", one, 9)]) for one in "123")
    server.freeze()
    process.presence.leave("1")  # asks, and is answered later; nobody asks after it
    assert not process.cache.available
    process.presence.leave("2")
    server.thaw()
    assert eventually(lambda: process.presence.count("sessions") == 1)


def test_a_socket_may_leave_by_another_process(begin: Begin) -> None:
    begin().presence.arrive("1", [OPEN, Place("owner:x", "1", 5)])
    other = begin()
    other.presence.leave("1")
    assert other.presence.count("sessions") == other.presence.count("owner:x") == 0


def test_nothing_is_kept_for_ever(server: Valkey, begin: Begin) -> None:
    process = begin()
    calls = everything(process)
    for name in ("take", "arrive", "join", "extend", "cancel", "record"):
        calls[name]()
    with server.client() as client:
        lives = {key: client.ttl(key) for key in client.scan_iter()}
    # By kind: on a slow machine a bucket that fills in a moment is gone before it is looked at.
    assert {key.split(":")[1] for key in lives} == {"limit", "seen", "live", "breaker", "group", "socket"}
    assert -1 not in lives.values(), lives  # has no end; -2 is one that ended meanwhile
