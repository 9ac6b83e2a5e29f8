"""The app and the commands of runtime/README.md, as somebody who has read them types them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import httpx
import pytest
from local_browsers import browser, hear, play
from local_runtime import CEILING, ROOT, Running

README = (ROOT / "runtime" / "README.md").read_text("utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The file that the page begins with."""
    (app,) = re.findall(r"```python\n# app\.py\n(.+?)```", README, re.DOTALL)
    file = tmp_path / "app.py"
    file.write_text(app)
    return file


def commands(starting: str) -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.+?)```", README, re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line.startswith(starting)]


def test_the_app_echoes_to_everybody_and_serves_rest(written: Path, tmp_path: Path) -> None:
    assert ["python", "-m", "runtime", "app.py"] in commands("python")
    running = Running(tmp_path, written, ())

    async def story() -> None:
        async with browser(running) as one, browser(running) as two:
            await one.send("olá")
            assert [await hear(one), await hear(two)] == ["olá", "olá"]
            assert httpx.get(f"{running.url}/", timeout=CEILING).json() == {"present": 2}

    try:
        play(story())
    finally:
        running.kill()


def test_the_faults_of_the_page_are_taken(written: Path, tmp_path: Path) -> None:
    (command,) = (command for command in commands("python") if "--faults" in command)
    running = Running(tmp_path, written, tuple(command[4:]))
    try:
        for address in commands("curl"):
            body = address[address.index("-d") + 1] if "-d" in address else None
            answer = httpx.request("PUT" if body else "GET", f"{running.url}/_faults", content=body, timeout=CEILING)
            assert answer.status_code == 200 and address[-1].endswith("/_faults")
        assert answer.json()["gone"] == 0.5
    finally:
        running.kill()
