"""A browser in one test module must leave the next module as it would have found it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chromium import NOT_THERE, find
from tests.server import ROOT

WITH_A_BROWSER = "def test_page(chromium):\n    chromium.new_page().close()\n"
WITH_A_LOOP = "import asyncio\n\n\ndef test_loop():\n    asyncio.run(asyncio.sleep(0))\n"


def test_a_module_after_a_browsers_may_run_a_loop_of_its_own(tmp_path: Path) -> None:
    if find() is None:
        pytest.skip(NOT_THERE)
    (tmp_path / "conftest.py").write_text("from tests.chromium import chromium\n\n__all__ = ['chromium']\n")
    (tmp_path / "test_a_browser.py").write_text(WITH_A_BROWSER)
    (tmp_path / "test_b_loop.py").write_text(WITH_A_LOOP)
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "-q", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert "2 passed" in ended.stdout, ended.stdout


@pytest.mark.parametrize(("browser", "status"), [("skip", 0), ("", 1)])
def test_without_a_browser_a_run_fails_unless_that_was_asked_for(tmp_path: Path, browser: str, status: int) -> None:
    here = {"PATH": str(tmp_path), "BROWSER": browser}
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", __file__]
    chosen = [*command, "-k", "a_loop_of_its_own"]
    ended = subprocess.run(chosen, cwd=ROOT, env=here, capture_output=True, text=True, timeout=90)
    assert ended.returncode == status, ended.stdout
    assert "1 browser tests did not run" in ended.stdout
