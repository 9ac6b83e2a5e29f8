"""Every path of the REST API with every role: what docs/roles.md says is what happens."""

import re
from collections.abc import Iterator

import httpx
import pytest

import app
from tests.administrator import ADMIN_KEYS, KEYS
from tests.server import CEILING, ROOT, Server

ROLES = ("nobody", "viewer", "operator", "admin")
LINE = re.compile(r"^\| `(\w+) (/api/v1\S+)` \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$", re.MULTILINE)
TABLE = LINE.findall((ROOT / "docs" / "roles.md").read_text("utf-8"))
OPEN = {("GET", "/api/v1/health"), ("GET", "/api/v1/openapi.json")}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An assistant of its own, because some paths change what others would see; roles do not depend on the store."""
    running = Server(tmp_path_factory.mktemp("roles"), ADMIN_KEYS=ADMIN_KEYS)
    yield running
    running.stop()


def test_the_table_has_every_path() -> None:
    routes = {(method, path) for path, methods in app.app.routes.items() for method in methods if method != "OPTIONS"}
    served = {route for route in routes if route[1].startswith("/api/v1")}
    assert {(method, path) for method, path, *_ in TABLE} | OPEN == served


@pytest.mark.parametrize("role", ROLES)
def test_each_path_lets_in_whom_the_table_says(alone: Server, role: str) -> None:
    headers = {} if role == "nobody" else {"Authorization": f"Bearer {KEYS[role]}"}
    wrong = []
    with httpx.Client(base_url=alone.url, headers=headers, timeout=CEILING) as somebody:
        for method, path, *answers in TABLE:
            told = answers[ROLES.index(role)]
            status = somebody.request(method, re.sub(r"{\w+}", "nothing", path)).status_code
            if (str(status) != told) if told != "yes" else status in (401, 403) or status >= 500:
                wrong.append((method, path, told, status))
    assert wrong == []
