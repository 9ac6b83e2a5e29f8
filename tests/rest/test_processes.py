"""Several processes on one knowledge: each follows a change, and none shares an answer from before it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.administrator import ADMIN_KEYS, Administrator, entry
from tests.server import Server, eventually

FOLLOWED = 5.0  # seconds, the promise; the ceiling of the wait is what a busy machine may add
QUESTION = "quanto custa uma faxina?"


@pytest.fixture
def processes(shared_stores: dict[str, str], tmp_path: Path) -> Iterator[list[Server]]:
    settings = {**shared_stores, "ADMIN_KEYS": ADMIN_KEYS, "CACHE_TTL_SECONDS": "3600", "TOKEN_KEYS": "k" * 32}
    started = [Server(tmp_path / name, **settings) for name in ("one", "two")]
    yield started
    for server in started:
        server.stop()


def titled(admin: Administrator, word: str) -> list[str]:
    found = admin.ask("POST", "/knowledge/search", {"query": QUESTION, "limit": 1}).json()["items"]
    return [one["snippet"] for one in found if word in one["snippet"]]


@pytest.mark.requirement("R8.2")
def test_no_process_shares_an_answer_from_before_a_change_and_all_follow_it(processes: list[Server]) -> None:
    admin = Administrator(processes[0].url)
    name = "service-limpeza"
    changed = version = admin.ask("GET", f"/knowledge/{name}").json()["version"]
    people = [server.visit() for server in processes]

    def shared() -> bool:
        """Whether the second process gives what the first one has written."""
        people[0].ask(QUESTION)
        return bool(people[1].ask(QUESTION)["cached"])

    eventually(shared)
    for price in ("R$ 111", "R$ 222", "R$ 333"):
        words = entry("Limpeza", category="service", content=f"A faxina custa {price}.", questions=[QUESTION])
        answer = admin.ask("PUT", f"/knowledge/{name}", words, changed)
        changed = answer.json()["version"]
        first = [person.ask(QUESTION) for person in people]
        assert not any(reply["cached"] and price not in reply["content"] for reply in first)
        for person in people:
            eventually(lambda person=person, price=price: price in person.ask(QUESTION)["content"], 4 * FOLLOWED)
    admin.ask("POST", f"/knowledge/{name}/restore", {"version": version}, changed)
    for person in people:
        person.close()
    admin.close()
