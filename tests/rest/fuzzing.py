"""Schemathesis over a running assistant: every check it has, in every phase."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.administrator import KEYS
from tests.server import ROOT, Server


def fuzz(server: Server, folder: Path, *, examples: int, seconds: int) -> int:
    """Make requests from the OpenAPI document, that many an operation and some; how many that were.

    Fails with Schemathesis's own words on an answer that breaks a check.
    """
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "tests/rest/schemathesis.toml")),
        *("run", f"{server.url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {KEYS['admin']}"),
        *("--checks", "all", "--max-examples", str(examples)),
    ]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds)
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-2_000:]
    generated = re.search(r"(\d+) generated", ended.stdout)
    assert generated, ended.stdout
    return int(generated[1])
