"""The way to browsers through `@connections`, against the runtime's own, with real sockets."""

from collections.abc import Iterator

import pytest

from chalicelib.adapters.apigateway import ConnectionsOutbox
from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.services import DATABASE
from tests.browser import Browser
from tests.server import Server


@pytest.fixture
def outbox(server: Server, monkeypatch: pytest.MonkeyPatch) -> ConnectionsOutbox:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    return ConnectionsOutbox(f"{server.url}/dev", "us-east-1")


@pytest.fixture
def browser(server: Server) -> Iterator[Browser]:
    with server.visit() as visitor:
        yield visitor


def connection_of(server: Server, browser: Browser) -> str:
    store = SQLiteSessions(server.data_dir / DATABASE)
    tail = store.tail(browser.session["sessionId"], 1)
    store.close()
    assert tail
    return tail.header.sockets[0]


def test_a_frame_reaches_its_browser(server: Server, outbox: ConnectionsOutbox, browser: Browser) -> None:
    assert outbox.post(connection_of(server, browser), '{"type": "pong", "at": "agora, ção"}')
    assert browser.until_type("pong")["at"] == "agora, ção"


def test_a_browser_that_left_is_gone(server: Server, outbox: ConnectionsOutbox, browser: Browser) -> None:
    connection_id = connection_of(server, browser)
    assert outbox.close(connection_id) and browser.closed_with() == 1000
    assert not outbox.post(connection_id, "{}") and not outbox.close(connection_id)


@pytest.mark.parametrize("connection_id", ["never=", "Zm9yZ290dGVuMDE=", "not base64 %/"])
def test_an_id_that_is_none_is_gone(outbox: ConnectionsOutbox, connection_id: str) -> None:
    assert not outbox.post(connection_id, "{}")


def test_a_gateway_that_cannot_be_reached_does_not_make_a_browser_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    assert ConnectionsOutbox("http://127.0.0.1:9/dev", "us-east-1").post("abc=", "{}")
