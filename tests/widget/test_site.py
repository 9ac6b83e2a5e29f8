"""The site's files over HTTP: what is cached, what is compressed, and what is told when there is none."""

import gzip
import subprocess
import sys
import urllib.request
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.clone import BARE, clone_to
from tests.conftest import Start
from tests.server import Server

KEY = "k" * 32
HOME = "from chalice.test import Client; from app import app; print(Client(app).http.get('/').body.decode())"


def fetch(address: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=named, method=method), timeout=20) as got:
            return got.status, got.headers, got.read()
    except HTTPError as refused:
        return refused.code, refused.headers, refused.read()


@pytest.mark.parametrize("path", ["/", "/widget.js", "/services", "/chat"])
def test_what_has_not_changed_is_not_sent_again(server: Server, path: str) -> None:
    _, headers, whole = fetch(server.url + path)
    status, again, body = fetch(server.url + path, If_None_Match=headers["ETag"])
    assert (status, body, again["ETag"]) == (304, b"", headers["ETag"]) and whole
    assert again["Content-Type"] == headers["Content-Type"]
    assert headers["Cache-Control"] == "no-cache"
    assert fetch(server.url + path, If_None_Match='W/"another"')[0] == 200


def test_the_widget_is_compressed_for_who_takes_it(server: Server) -> None:
    _, headers, plain = fetch(server.url + "/widget.js")
    _, compressed, body = fetch(server.url + "/widget.js", Accept_Encoding="gzip")
    assert headers["Content-Encoding"] is None and compressed["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == plain and len(body) < len(plain) / 2


def test_an_asset_named_by_its_content_is_kept_for_ever(server: Server) -> None:
    _, _, page = fetch(server.url + "/")
    style = page.decode().split("assets/site-")[1].split('"')[0]
    _, headers, _ = fetch(f"{server.url}/assets/site-{style}")
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_demo_signs_nobody_in_once_deployed(server: Server, start: Start) -> None:
    deployed = start(STAGE="prod", TOKEN_KEYS=KEY, ALLOWED_ORIGINS="https://example.com")
    assert fetch(server.url + "/demo/identity/client", "POST")[0] == 200
    assert fetch(server.url + "/demo/identity/somebody", "POST")[0] == 404
    status, _, body = fetch(deployed.url + "/demo/identity/client", "POST")
    assert status == 404 and b"token" not in body


def test_without_a_site_the_plain_page_says_why(tmp_path: Path) -> None:
    clone = clone_to(tmp_path)
    (clone / "web" / "package.json").write_text("{ not JSON")
    subprocess.run(["sh", "bin/site"], cwd=clone, env=BARE, check=True, capture_output=True, timeout=60)
    how = {**BARE, "STAGE": "test", "DATA_DIR": str(tmp_path / "data")}
    seen = subprocess.run([sys.executable, "-c", HOME], cwd=clone, env=how, capture_output=True, text=True, timeout=60)
    assert '<p class="why">The site could not be built' in seen.stdout, seen.stderr
    assert "no reason was given" not in seen.stdout
