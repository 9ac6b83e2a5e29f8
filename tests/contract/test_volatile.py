"""What limits, presence, text in flight and the breaker promise, run over each adapter."""

import pytest

from chalicelib.adapters.memory import MemoryBreaker, MemoryLimiter, MemoryLive, MemoryPresence
from chalicelib.chat.ports import Breaker, Bucket, Limiter, Live, Place, Presence


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["memory"])
def limiter(request: pytest.FixtureRequest, time: Time) -> Limiter:
    return MemoryLimiter(time)


@pytest.fixture(params=["memory"])
def presence(request: pytest.FixtureRequest) -> Presence:
    return MemoryPresence()


@pytest.fixture(params=["memory"])
def live(request: pytest.FixtureRequest, time: Time) -> Live:
    return MemoryLive(time)


@pytest.fixture(params=["memory"])
def breaker(request: pytest.FixtureRequest, time: Time) -> Breaker:
    return MemoryBreaker(time)


PERSON = Bucket("person:a", per_minute=10, capacity=13)
ADDRESS = Bucket("address:1", per_minute=60, capacity=14)


def test_a_bucket_gives_its_capacity_at_once_and_then_one_an_interval(limiter: Limiter, time: Time) -> None:
    assert [limiter.take([PERSON]) for _ in range(13)] == [0.0] * 13
    assert limiter.take([PERSON]) == pytest.approx(6.0)
    time.now += 5.9
    assert limiter.take([PERSON]) == pytest.approx(0.1)
    time.now += 0.11
    assert limiter.take([PERSON]) == 0.0
    assert limiter.take([PERSON]) > 5.9


def test_a_full_minute_of_rest_gives_the_capacity_back(limiter: Limiter, time: Time) -> None:
    for _ in range(13):
        limiter.take([PERSON])
    time.now += 78
    assert [limiter.take([PERSON]) for _ in range(13)] == [0.0] * 13


def test_all_buckets_give_or_none(limiter: Limiter) -> None:
    other = Bucket("person:b", per_minute=10, capacity=13)
    for _ in range(13):
        assert limiter.take([PERSON, ADDRESS]) == 0.0
    assert limiter.take([other, ADDRESS]) == 0.0
    assert limiter.take([PERSON, ADDRESS]) == pytest.approx(6.0)  # the longer of the two waits
    assert limiter.take([other, ADDRESS]) == pytest.approx(1.0)
    assert limiter.take([other]) == 0.0


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
    presence.leave("1")
    presence.leave("1")
    assert presence.arrive("1", [Place("sessions", "new", 1)]) and presence.count("sessions") == 1


def test_a_writer_learns_of_joined_sockets_once(live: Live) -> None:
    live.begin("s", "r")
    live.join("s", "late")
    assert live.extend("s", "r", "um ").joined == ("late",)
    assert live.extend("s", "r", "dois").joined == ()


def test_a_socket_that_joined_before_the_writer_began_is_not_lost(live: Live) -> None:
    live.join("s", "early")
    assert live.begin("s", "r").joined == ("early",)


def test_cancelling_returns_the_text_so_far_and_stops_the_writer(live: Live) -> None:
    live.begin("s", "r")
    live.extend("s", "r", "um ")
    assert live.cancel("s", "r") == "um "
    assert live.extend("s", "r", "dois").cancelled
    assert live.cancel("s", "r") == "um "


def test_cancelling_what_has_not_begun_stops_it_when_it_does(live: Live) -> None:
    assert live.cancel("s", "r") == ""
    assert live.begin("s", "r").cancelled
    assert not live.begin("s", "another").cancelled


def test_an_attempt_starts_over(live: Live) -> None:
    live.begin("s", "r")
    live.extend("s", "r", "um")
    live.begin("s", "r")
    assert live.cancel("s", "r") == ""


def test_flags_are_forgotten_in_time(live: Live, time: Time) -> None:
    live.cancel("s", "r")
    live.join("s", "gone")
    time.now += 1000
    live.cancel("s", "another")
    live.join("t", "somebody")
    trip = live.begin("s", "r")
    assert not trip.cancelled and trip.joined == ()


def test_the_breaker_opens_after_failures_in_a_row_and_tries_one_caller_later(breaker: Breaker, time: Time) -> None:
    for _ in range(4):
        breaker.record("model", False)
    breaker.record("model", True)
    for _ in range(5):
        assert breaker.allows("model")
        breaker.record("model", False)
    assert not breaker.allows("model") and not breaker.closed("model") and breaker.allows("another")
    time.now += 25
    assert breaker.allows("model") and not breaker.allows("model")
    breaker.record("model", True)
    assert breaker.allows("model") and breaker.closed("model")
