"""Pages of other sites use the REST API from a browser when the settings name them, and no others do."""

import httpx
import pytest

import app
from chalicelib.entrypoints.rest.operations import OPERATIONS, PREFIX
from tests.administrator import ADMIN_KEYS, KEYS
from tests.conftest import Start
from tests.server import Server

CONSOLE = "https://console.example.com"
STRANGER = "https://console.example.com.evil.example"


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    running = Server(
        tmp_path_factory.mktemp("data"), ADMIN_KEYS=ADMIN_KEYS, API_ORIGINS=f"{CONSOLE},http://127.0.0.1:5173"
    )
    yield running  # type: ignore[misc]
    running.stop()


def asked(server: Server, path: str, origin: str, method: str = "PUT") -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "if-match",
    }
    return httpx.options(f"{server.url}{PREFIX}{path}", headers=headers)


def test_a_browser_that_asks_first_is_told_what_it_may_send(open_server: Server) -> None:
    told = asked(open_server, "/knowledge/service-limpeza", CONSOLE)
    assert (told.status_code, told.content) == (204, b"")
    assert told.headers["access-control-allow-origin"] == CONSOLE and "Origin" in told.headers["vary"]
    assert told.headers["access-control-allow-methods"] == "DELETE, GET, PUT"
    assert {"authorization", "if-match"} <= set(told.headers["access-control-allow-headers"].split(", "))
    assert asked(open_server, "/knowledge/x", "http://127.0.0.1:5173").headers["access-control-allow-origin"]


@pytest.mark.parametrize("key", [KEYS["viewer"], "wrong"])
def test_answers_and_refusals_can_be_read_by_the_page(open_server: Server, key: str) -> None:
    headers = {"Origin": CONSOLE, "Authorization": f"Bearer {key}"}
    told = httpx.get(f"{open_server.url}{PREFIX}/knowledge/service-limpeza", headers=headers)
    assert told.status_code == (401 if key == "wrong" else 200)
    assert told.headers["access-control-allow-origin"] == CONSOLE and "Origin" in told.headers["vary"]
    assert "ETag" in told.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin", [STRANGER, "null", "*", CONSOLE.upper(), f"{CONSOLE}/", "http://console.example.com"]
)
def test_a_page_that_is_not_named_gets_no_permission(open_server: Server, origin: str) -> None:
    for told in (
        asked(open_server, "/knowledge", origin, "POST"),
        httpx.get(f"{open_server.url}{PREFIX}/knowledge", headers={"Origin": origin}),
    ):
        assert not [name for name in told.headers if name.startswith("access-control")]
        assert "Origin" in told.headers["vary"]


def test_nobody_is_named_by_default(start: Start) -> None:
    told = asked(start(ADMIN_KEYS=ADMIN_KEYS), "/knowledge", CONSOLE, "POST")
    assert "access-control-allow-origin" not in told.headers


def test_every_path_answers_browsers_by_the_function_itself_in_the_package_too() -> None:
    """Chalice's template sends an OPTIONS route of ours to the function; one made by `cors=` has a fixed answer."""
    for one in OPERATIONS:
        routes = app.app.routes[PREFIX + one.path]
        assert "OPTIONS" in routes and all(route.cors is None for route in routes.values())
