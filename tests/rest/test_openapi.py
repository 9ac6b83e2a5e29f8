"""The OpenAPI document says what is true, and every request that can be made from it gets an answer it names."""

import html
import re
import subprocess
from pathlib import Path

import httpx
import msgspec
import pytest

import app
from chalicelib.entrypoints.rest.openapi import document
from tests.administrator import ADMIN_KEYS, KEYS
from tests.conftest import Start
from tests.rest.fuzzing import fuzz
from tests.server import Server

CASES = 300
SECONDS = 500  # the ceiling; half a minute where nobody else is at work
OPEN = {"/api/v1/health", "/api/v1/openapi.json"}


def operations() -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, one in document()["paths"].items() for method in one}


def test_the_document_has_every_route_and_no_other() -> None:
    routes = {
        (method, path)
        for path, methods in app.app.routes.items()
        for method in methods
        if path.startswith("/api/v1") and path not in OPEN and method != "OPTIONS"
    }
    assert operations() == routes


def test_every_schema_that_is_named_is_there() -> None:
    """Of two types with one name neither would have it, and answers that refer to it would be checked by nobody."""
    made = document()
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', msgspec.json.encode(made).decode()))
    assert named == set(made["components"]["schemas"]) and len(named) > 30


def test_the_document_is_served_as_it_is_made(server: Server) -> None:
    assert httpx.get(f"{server.url}/api/v1/openapi.json").json() == msgspec.json.decode(msgspec.json.encode(document()))


def test_the_lines_of_the_page_work(start: Start) -> None:
    server = start(ADMIN_KEYS=ADMIN_KEYS)
    page = httpx.get(f"{server.url}/api/docs")
    assert page.status_code == 200 and "text/html" in page.headers["content-type"]
    assert not re.search(r"(src|href)=.(https?:)?//", page.text)  # nothing of others is loaded
    lines = [
        html.unescape(line)
        for part in re.findall(r'<pre class="run">(.*?)</pre>', page.text, re.DOTALL)
        for line in part.splitlines()
    ]
    assert len(lines) >= 10
    environment = {"PATH": "/usr/bin:/bin", "URL": server.url, "KEY": KEYS["admin"]}
    for line in lines:
        ended = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=30)
        assert ended.returncode == 0, (line, ended.stderr)


@pytest.mark.timeout(SECONDS + 60)
def test_requests_of_every_kind_get_an_answer_that_the_document_names(start: Start, tmp_path: Path) -> None:
    server = start(ADMIN_KEYS=ADMIN_KEYS)
    assert fuzz(server, tmp_path, examples=2, seconds=SECONDS) >= CASES
    assert "request failed" not in server.log.read_text()
