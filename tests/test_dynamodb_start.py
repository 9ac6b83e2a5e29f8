"""`make run STORE=dynamodb` against `make moto`, as docs/dynamodb.md says."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser
from tests.clone import BARE, make
from tests.dynamodb import PATIENCE
from tests.server import ROOT, Server, eventually
from tests.test_quickstart import Started, free_port
from tests.valkey import Valkey


def answers(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def moto() -> Iterator[str]:
    port = free_port()
    command = ["make", "moto", f"MOTO_PORT={port}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd=ROOT, env=BARE, start_new_session=True, **quiet)
    eventually(lambda: answers(port) or server.poll() is not None)
    assert server.poll() is None
    yield f"http://127.0.0.1:{port}"
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(30)


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    running = Valkey()
    yield running
    running.stop()


def test_a_deployed_stage_makes_no_table(dynamodb: str, tmp_path: Path) -> None:
    signed = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "TOKEN_KEYS": "k" * 32}
    there = {"STORE": "dynamodb", "DYNAMODB_ENDPOINT_URL": dynamodb, "DYNAMODB_READ_SECONDS": PATIENCE}
    there |= {"DYNAMODB_TABLE": "of-a-deployed-stage"}
    with pytest.raises(AssertionError, match=r"of-a-deployed-stage .* does not answer"):
        Server(tmp_path / "data", STAGE="dev", **there, **signed)
    assert Server(tmp_path / "data", STAGE="local", **there, **signed).stop() == 0


def test_it_makes_its_table_and_serves_with_redis_and_several_processes(
    moto: str, valkey: Valkey, tmp_path: Path
) -> None:
    there = ["STORE=dynamodb", f"DYNAMODB_ENDPOINT_URL={moto}", f"DYNAMODB_READ_SECONDS={PATIENCE}"]
    there += [f"REDIS_URL={valkey.url}", f"DATA_DIR={tmp_path}"]
    running = Started(ROOT, *there, "WORKERS=2")
    try:
        assert running.said(f"DynamoDB table chat-ia-assistente in {moto}") and running.said(f":{valkey.port}")
        with Browser(f"ws://127.0.0.1:{running.port}/ws") as browser:
            browser.start()
            reply = browser.ask("quanto custa um encanador?")
            token = browser.resume_token
        told = make(ROOT, "doctor", f"PORT={running.port}", *there)
        assert told.returncode == 0 and "Redis at 127.0.0.1" in told.stdout and "DynamoDB table" in told.stdout
        valkey.stop()
        told = make(ROOT, "doctor", f"PORT={running.port}", *there)
        assert told.returncode != 0 and "✗ redis: Redis at 127.0.0.1" in told.stdout
    finally:
        running.interrupt()
    again = Started(ROOT, *there)
    try:
        with Browser(f"ws://127.0.0.1:{again.port}/ws") as browser:
            assert reply["messageId"] in [m["messageId"] for m in browser.start(resumeToken=token)["history"]]
    finally:
        again.interrupt()
