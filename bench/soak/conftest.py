"""The assistant in a process of its own, and its stores, as the tests start them."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.conftest import start
from tests.conversation.conftest import shared_valkey, stores
from tests.server import eventually

__all__ = ["shared_valkey", "start", "stores"]  # fixtures


@pytest.fixture(scope="session")
def dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A moto in a process of its own: beside hundreds of browsers in this one it would be the slowest part."""
    said = tmp_path_factory.mktemp("moto") / "log"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with said.open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as moto:
        yield eventually(lambda: re.findall(r"Running on (http://\S+)", said.read_text()))[0]
        moto.terminate()
