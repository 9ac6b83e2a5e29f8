"""What limits, presence, text in flight and the breaker promise, run over each adapter."""

from collections.abc import Iterator

import pytest

from chalicelib.adapters.memory import MemoryBreaker, MemoryLimiter, MemoryLive, MemoryPresence
from chalicelib.adapters.redis import RedisBreaker, RedisLimiter, RedisLive
from chalicelib.adapters.redis_client import Cache
from chalicelib.adapters.redis_presence import RedisPresence
from chalicelib.chat.model import Answer, Source
from chalicelib.chat.ports import (
    SEEN_SECONDS,
    Breaker,
    Bucket,
    Keepsake,
    Limiter,
    Live,
    Place,
    Presence,
    Share,
    Taken,
)
from chalicelib.knowledge.ports import DOUBT_SECONDS, Bulletin
from tests.valkey import Valkey

ADAPTERS = ("memory", "valkey", "valkey cluster")


class Memory:
    """The adapters of one process, on a clock that stands still."""

    slack = 1e-6

    def __init__(self) -> None:
        self._now = 1000.0
        self.limiter: Limiter = MemoryLimiter(lambda: self._now)
        self.presence: Presence = MemoryPresence()
        breaker = MemoryBreaker(lambda: self._now)
        self.breaker: Breaker = breaker
        self.live: Live = MemoryLive(lambda: self._now, breaker)

    def pass_time(self, seconds: float) -> None:
        self._now += seconds


class Shared:
    """The adapters of several processes, on a real server, whose clock goes on while a test runs.

    All their state but presence is keys that expire, so time passes by letting every key grow older.
    """

    slack = 0.8

    def __init__(self, server: Valkey) -> None:
        self._server = server
        self.lost: list[str] = []
        self.cache = Cache(server.url, cluster=server.cluster, log=self.lost.append)
        self.limiter: Limiter = RedisLimiter(self.cache)
        self.presence: Presence = RedisPresence(self.cache, holds_sockets=False)
        self.live: Live = RedisLive(self.cache)
        self.breaker: Breaker = RedisBreaker(self.cache)

    def pass_time(self, seconds: float) -> None:
        self._server.age(seconds)


Adapters = Memory | Shared


@pytest.fixture(scope="module", params=ADAPTERS)
def server(request: pytest.FixtureRequest) -> Iterator[Valkey | None]:
    if request.param == "memory":
        yield None
        return
    running = Valkey(cluster=request.param == "valkey cluster")
    yield running
    running.stop()


@pytest.fixture
def adapters(server: Valkey | None) -> Iterator[Adapters]:
    if server is None:
        yield Memory()
        return
    server.empty()
    shared = Shared(server)
    yield shared
    shared.cache.close()
    assert shared.lost == []  # no test passed because its adapter lets everything through without Redis


@pytest.fixture
def limiter(adapters: Adapters) -> Limiter:
    return adapters.limiter


@pytest.fixture
def presence(adapters: Adapters) -> Presence:
    return adapters.presence


@pytest.fixture
def live(adapters: Adapters) -> Live:
    return adapters.live


@pytest.fixture
def breaker(adapters: Adapters) -> Breaker:
    return adapters.breaker


PERSON = Bucket("person:a", per_minute=10, capacity=13)
ADDRESS = Bucket("address:1", per_minute=60, capacity=14)


def test_a_bucket_gives_its_capacity_at_once_and_then_one_an_interval(limiter: Limiter, adapters: Adapters) -> None:
    assert [limiter.take([PERSON]).wait for _ in range(13)] == [0.0] * 13
    assert limiter.take([PERSON]).wait == pytest.approx(6.0, abs=adapters.slack)
    adapters.pass_time(5)
    assert limiter.take([PERSON]).wait == pytest.approx(1.0, abs=adapters.slack)
    adapters.pass_time(1.01)
    assert limiter.take([PERSON]).wait == 0.0
    assert limiter.take([PERSON]).wait == pytest.approx(6.0, abs=adapters.slack + 0.01)


def test_a_full_minute_of_rest_gives_the_capacity_back(limiter: Limiter, adapters: Adapters) -> None:
    for _ in range(13):
        limiter.take([PERSON])
    adapters.pass_time(78)
    assert [limiter.take([PERSON]).wait for _ in range(13)] == [0.0] * 13


def test_all_buckets_give_or_none(limiter: Limiter, adapters: Adapters) -> None:
    other = Bucket("person:b", per_minute=10, capacity=2)
    for _ in range(13):
        assert limiter.take([PERSON, ADDRESS]).wait == 0.0
    assert limiter.take([other, ADDRESS]).wait == 0.0
    assert limiter.take([PERSON, ADDRESS]).wait == pytest.approx(6.0, abs=adapters.slack)  # the longer wait
    assert limiter.take([other, ADDRESS]).wait == pytest.approx(1.0, abs=adapters.slack)
    assert limiter.take([other]).wait == 0.0
    assert limiter.take([other]).wait > 0.0


def test_a_group_has_so_many_members_and_a_member_may_come_twice(presence: Presence) -> None:
    def arrive(socket: str, member: str) -> bool:
        return presence.arrive(socket, [Place("sessions", member, 2)])

    assert arrive("1", "a") and arrive("2", "a") and arrive("3", "b")
    assert not arrive("4", "c") and presence.count("sessions") == 2
    presence.leave("1")
    assert not arrive("4", "c")
    presence.leave("2")
    assert arrive("4", "c")


def test_all_places_are_taken_or_none(presence: Presence) -> None:
    presence.arrive("1", [Place("owner:x", "1", 1)])
    assert not presence.arrive("2", [Place("sessions", "s", 9), Place("owner:x", "2", 1)])
    assert presence.count("sessions") == 0


def test_a_socket_that_arrives_again_moves(presence: Presence) -> None:
    presence.arrive("1", [Place("sessions", "old", 1)])
    assert presence.count("sessions") == 1
    assert presence.arrive("1", [Place("sessions", "new", 2)]) and presence.count("sessions") == 1
    presence.leave("1")
    presence.leave("1")
    assert presence.arrive("1", [Place("sessions", "newer", 1)]) and presence.count("sessions") == 1


def test_a_refused_move_changes_nothing(presence: Presence) -> None:
    presence.arrive("1", [Place("address", "1", 1), Place("sessions", "a", 2)])
    presence.arrive("2", [Place("sessions", "b", 2)])
    assert not presence.arrive("1", [Place("sessions", "c", 2), Place("owner", "1", 9)])
    assert (presence.count("sessions"), presence.count("owner"), presence.count("address")) == (2, 0, 1)
    presence.leave("1")
    assert (presence.count("sessions"), presence.count("address")) == (1, 0)


def test_a_writer_learns_of_joined_sockets_once(live: Live) -> None:
    live.begin("s", "r")
    live.join("s", "late")
    assert live.extend("s", "r", "um ").joined == ("late",)
    assert live.extend("s", "r", "dois").joined == ()


def test_a_socket_that_joined_before_the_writer_began_is_not_lost(live: Live) -> None:
    live.join("s", "early")
    assert live.begin("s", "r").trip.joined == ("early",)


def test_cancelling_returns_the_text_so_far_and_stops_the_writer(live: Live) -> None:
    live.begin("s", "r")
    live.extend("s", "r", "um ")
    assert live.cancel("s", "r") == "um "
    assert live.extend("s", "r", "dois").cancelled
    assert live.cancel("s", "r") == "um "


def test_cancelling_what_has_not_begun_stops_it_when_it_does(live: Live) -> None:
    assert live.cancel("s", "r") == ""
    assert live.begin("s", "r").trip.cancelled
    assert not live.begin("s", "another").trip.cancelled


def test_an_attempt_starts_over(live: Live) -> None:
    live.begin("s", "r")
    live.extend("s", "r", "um")
    live.begin("s", "r")
    assert live.cancel("s", "r") == ""


def test_flags_are_forgotten_in_time(live: Live, adapters: Adapters) -> None:
    live.cancel("s", "r")
    live.join("s", "gone")
    adapters.pass_time(1000)
    live.cancel("s", "another")
    live.join("t", "somebody")
    trip = live.begin("s", "r").trip
    assert not trip.cancelled and trip.joined == ()


def test_the_breaker_opens_after_failures_in_a_row_and_tries_one_caller_later(
    breaker: Breaker, adapters: Adapters
) -> None:
    for _ in range(4):
        breaker.record("model", False)
    breaker.record("model", True)
    for _ in range(5):
        assert breaker.allows("model")
        breaker.record("model", False)
    assert not breaker.allows("model") and not breaker.closed("model") and breaker.allows("another")
    adapters.pass_time(25)
    assert breaker.allows("model") and not breaker.allows("model")
    breaker.record("model", True)
    assert breaker.allows("model") and breaker.closed("model")


ANSWER = Answer('aspas " e emoji 🧽\n', sources=(Source("service-limpeza", 1, "Limpeza"),), suggestions=("E agora?",))


@pytest.fixture
def bulletin(live: Live) -> Bulletin:
    """The other port of whatever is the first one; nobody is in doubt, for the knowledge is said to be at version 1."""
    assert isinstance(live, MemoryLive | RedisLive)
    assert live.changed(1)
    return live


def shared(live: Live, key: str, knowledge: int = 1) -> Answer | None:
    return live.begin("s", "r", Share(key, knowledge)).shared


@pytest.mark.usefixtures("bulletin")
def test_an_answer_is_kept_for_its_time(live: Live, adapters: Adapters) -> None:
    assert shared(live, "k") is None
    live.end("s", "r", Keepsake("k", ANSWER, 60))
    assert shared(live, "k") == ANSWER and shared(live, "other") is None
    adapters.pass_time(61)
    assert shared(live, "k") is None


@pytest.mark.usefixtures("bulletin")
def test_a_newer_answer_replaces_an_older_one(live: Live) -> None:
    live.end("s", "r", Keepsake("k", ANSWER, 60))
    live.end("s", "r", Keepsake("k", Answer("outra"), 60))
    assert shared(live, "k") == Answer("outra")


def fresh(live: Live, knowledge: int) -> bool:
    """Whether a writer with that knowledge may share; it gets what others share just then, and nothing else."""
    opening = live.begin("s", "r", Share("k", knowledge))
    assert opening.fresh == (opening.shared is not None)
    return opening.fresh


@pytest.fixture
def answered(live: Live) -> Live:
    live.end("s", "r", Keepsake("k", ANSWER, 3600))
    return live


@pytest.mark.requirement("R8.2")
def test_whoever_is_behind_a_change_shares_nothing(answered: Live, bulletin: Bulletin) -> None:
    assert fresh(answered, 1)
    assert bulletin.changing(2) and not fresh(answered, 1)
    assert bulletin.changed(2) and not fresh(answered, 1)
    assert fresh(answered, 2) and not fresh(answered, 1)


def test_who_has_read_a_newer_version_proves_it(answered: Live, bulletin: Bulletin) -> None:
    assert bulletin.changing(2)  # and whoever changed it died before saying so
    assert fresh(answered, 2) and not fresh(answered, 1)


def test_a_change_that_did_not_happen_is_forgotten(answered: Live, bulletin: Bulletin, adapters: Adapters) -> None:
    assert bulletin.changing(2) and not fresh(answered, 1)
    adapters.pass_time(DOUBT_SECONDS + 0.1)
    assert fresh(answered, 1)


def test_of_two_who_change_at_once_neither_ends_the_doubt_about_the_other(answered: Live, bulletin: Bulletin) -> None:
    assert bulletin.changing(2) and bulletin.changing(3) and bulletin.changed(2)
    assert not fresh(answered, 2)
    assert bulletin.changed(3) and fresh(answered, 3)


def test_a_memory_that_was_lost_believes_nobody_for_a_while(server: Valkey | None, adapters: Adapters) -> None:
    if isinstance(adapters, Memory):  # which is lost with the index that could be behind
        assert adapters.live.begin("s", "r", Share("k", 1)).fresh
        return
    adapters.live.end("s", "r", Keepsake("k", ANSWER, 3600))
    assert not fresh(adapters.live, 1) and not fresh(adapters.live, 2)
    assert not fresh(adapters.live, 1)
    adapters.pass_time(DOUBT_SECONDS + 0.1)
    assert fresh(adapters.live, 2) and not fresh(adapters.live, 1)


def test_a_writer_learns_whether_its_model_is_in_use_and_tells_that_it_worked(live: Live, breaker: Breaker) -> None:
    for _ in range(5):
        assert live.begin("s", "r", model="model").model_in_use
        breaker.record("model", False)
    assert not live.begin("s", "r", model="model").model_in_use
    assert live.begin("s", "r", model="another").model_in_use
    live.end("s", "r", worked="model")
    assert live.begin("s", "r", model="model").model_in_use


def test_a_message_is_known_when_it_comes_again_admitted_or_not(limiter: Limiter, adapters: Adapters) -> None:
    one = Bucket("person:one", per_minute=1, capacity=1)
    assert limiter.take([one], "s#1") == Taken(0.0, seen=False)
    refused = limiter.take([one], "s#2")
    assert refused.wait > 0 and not refused.seen
    assert limiter.take([one], "s#1").seen and limiter.take([one], "s#2").seen
    assert not limiter.take([one], "t#1").seen and not limiter.take([one]).seen
    adapters.pass_time(SEEN_SECONDS + 1)
    assert not limiter.take([one], "s#1").seen
