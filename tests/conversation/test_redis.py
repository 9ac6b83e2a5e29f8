"""A conversation with Redis, and after it has gone."""

from collections.abc import Iterator

import pytest

from tests.conftest import Start
from tests.server import eventually
from tests.valkey import Valkey


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    running = Valkey()
    yield running
    running.stop()


def test_a_conversation_goes_on_when_redis_goes_and_comes(start: Start, valkey: Valkey) -> None:
    server = start(REDIS_URL=valkey.url, RATE_LIMIT_MESSAGES_PER_MINUTE="10")
    assert any(f"cache in Redis at 127.0.0.1:{valkey.port} ·" in line for line in server.lines)
    with server.visit() as browser:
        assert browser.ask("Quanto custa uma faxina?")["content"]
        with valkey.client() as client:
            kinds = {key.split(":")[1] for key in client.scan_iter()}
        assert kinds >= {"limit", "group", "socket"}
        valkey.stop()
        assert browser.ask("E quanto tempo leva?")["content"]
        valkey.start()
        with valkey.client() as client:
            assert eventually(lambda: client.exists("chat:probe"))  # written a moment before Redis is used again
            assert eventually(lambda: browser.ask("Obrigada!")["content"] and list(client.scan_iter("chat:limit:*")))
    assert server.log.read_text("utf-8").count("Redis does not answer") == 1


def test_the_start_says_when_redis_does_not_answer(start: Start, valkey: Valkey) -> None:
    valkey.stop()
    server = start(REDIS_URL=f"redis://me:secret@127.0.0.1:{valkey.port}")
    said = next(line for line in server.lines if "cache in Redis" in line)
    assert "does not answer" in said and "secret" not in said
