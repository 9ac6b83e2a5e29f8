"""A cluster that changes its layout under the chat."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from redis import Redis

from chalicelib.adapters.redis import RedisLimiter
from chalicelib.adapters.redis_client import Cache
from chalicelib.chat.ports import Bucket
from tests.server import eventually
from tests.valkey import Valkey

PERSON = Bucket("person:a", per_minute=10, capacity=2)
ADDRESS = Bucket("address:1", per_minute=10, capacity=9)
KEY = "chat:limit:address:1"


@pytest.fixture
def pair() -> Iterator[tuple[Valkey, Valkey]]:
    """A node with all slots, and one that has just joined."""
    with ExitStack() as stack:
        nodes = Valkey(cluster=True), Valkey(cluster=True)
        for node in nodes:
            stack.callback(node.stop)
        with nodes[0].client() as old, nodes[1].client() as new:
            new.execute_command("CLUSTER RESET")
            bus = int(new.config_get("cluster-port")["cluster-port"])
            old.execute_command("CLUSTER MEET", "127.0.0.1", nodes[1].port, bus)
            eventually(lambda: agree(old, new))
        yield nodes


def agree(*nodes: Redis) -> bool:
    states = [node.execute_command("CLUSTER INFO") for node in nodes]
    return all((state["cluster_state"], state["cluster_known_nodes"]) == ("ok", "2") for state in states)


def test_a_slot_that_moves_is_followed(pair: tuple[Valkey, Valkey]) -> None:
    lost: list[str] = []
    cache = Cache(pair[0].url, cluster=True, log=lost.append)
    limiter = RedisLimiter(cache)
    assert limiter.take([PERSON, ADDRESS]).wait == 0
    with pair[0].client() as old, pair[1].client() as new:
        slot, target = old.execute_command("CLUSTER KEYSLOT", KEY), new.execute_command("CLUSTER MYID")
        old.delete(KEY)
        for node in (new, old):
            node.execute_command("CLUSTER SETSLOT", slot, "NODE", target)
        eventually(lambda: agree(old, new))
        assert limiter.take([PERSON, ADDRESS]).wait == 0 and new.exists(KEY)
    assert limiter.take([PERSON, ADDRESS]).wait > 0
    assert lost == []
    cache.close()
