"""The README, followed by somebody new: a fresh copy of the repository and nothing installed."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.browser import Browser, joined
from tests.clone import BARE, clone_to, make
from tests.server import ROOT, eventually
from tests.sqs import Queues

INSTALL_CEILING = 300.0
pytestmark = pytest.mark.timeout(INSTALL_CEILING + 60)
RUN_BY_TESTS = {
    "run",
    "chat",
    "test",
    "doctor",
    "why",
    "moto",
    "lint",
    "help",
    "format",
    "package",
    "demo",
    "demo-crash",
    "knowledge",
}


class Started:
    """`make run` in a fresh copy, as from a terminal: its own process group, so that Ctrl-C reaches all of it."""

    def __init__(self, folder: Path, *arguments: str, target: str = "run") -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            ["make", target, f"PORT={self.port}", *arguments],
            cwd=folder,
            env=BARE,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        eventually(lambda: self.said("Administrator key") or self.process.poll() is not None, INSTALL_CEILING)
        if self.process.poll() is not None:
            self._reader.join(10)
            pytest.fail("".join(self.lines))

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as out:
            self.lines.extend(iter(out.readline, ""))

    def said(self, words: str) -> bool:
        return any(words in line for line in list(self.lines))

    def interrupt(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        status = self.process.wait(60)
        self._reader.join(10)
        return status


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clone_to(tmp_path_factory.mktemp("clone") / "project")


@pytest.fixture(scope="module")
def running(clone: Path) -> Iterator[Started]:
    started = Started(clone)
    yield started
    if started.process.poll() is None:
        started.interrupt()


def test_make_run_says_where_to_go_and_what_is_in_use(running: Started) -> None:
    lines = [line for line in running.lines if line.strip()]
    last = [line.split("  ")[0] for line in lines[-4:]]
    assert last == ["Chat page", "Console", "API", "Administrator key"]
    assert any("SQLite" in line and "cache" in line and "model" in line for line in lines)


def test_the_first_question_is_answered(running: Started) -> None:
    with Browser(f"ws://127.0.0.1:{running.port}/ws") as browser:
        browser.start()
        reply = browser.ask("quanto custa um encanador?")
        assert "R$ 120" in reply["content"] and joined(browser.deltas_of(reply["messageId"])) == reply["content"]


def test_a_question_through_a_pipe_is_answered(running: Started, clone: Path) -> None:
    asked = make(clone, "-s", "chat", f"PORT={running.port}", input="quanto custa uma faxina?\n")
    assert asked.returncode == 0 and "R$ 150" in asked.stdout and asked.stderr == ""


def test_make_why_tells_the_life_of_a_turn(running: Started, clone: Path) -> None:
    with Browser(f"ws://127.0.0.1:{running.port}/ws") as browser:
        browser.start()
        reply = browser.ask("faxina")
    told = make(clone, "why", f"ID={reply['messageId']}").stdout
    for word in ("question", "taken", "retrieved", "service-limpeza", "first_delta", "written", "complete"):
        assert word in told
    assert "faxina" not in told
    assert make(clone, "why", "ID=nonsense").returncode != 0


def test_make_doctor_is_content_with_a_running_assistant(running: Started, clone: Path) -> None:
    told = make(clone, "doctor", f"PORT={running.port}")
    assert told.returncode == 0 and "the assistant is running" in told.stdout


def test_a_taken_port_is_told_in_one_sentence(running: Started, clone: Path) -> None:
    refused = make(clone, "run", f"PORT={running.port}", "DATA_DIR=other")
    assert refused.returncode != 0 and f"{running.port}" in refused.stderr and "Traceback" not in refused.stderr
    assert len([line for line in refused.stderr.splitlines() if not line.startswith("make")]) == 1


def test_ctrl_c_is_clean_and_a_second_run_installs_nothing(running: Started, clone: Path) -> None:
    assert running.interrupt() in (0, 2, 130, -signal.SIGINT)
    assert not running.said("Traceback") and not running.said("Error 1")
    again = Started(clone, "DATA_DIR=folder with spaces")
    assert not again.said("Installing") and again.said("Administrator key")
    again.interrupt()


def test_make_run_takes_its_turns_from_sqs(clone: Path, dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    signature = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_REGION": "us-east-1"}
    for name, value in signature.items():
        monkeypatch.setenv(name, value)
    with closing(Queues(dynamodb)) as queues:
        started = Started(clone, f"QUEUE_URL={queues.queue}", *map("=".join, signature.items()))
        assert started.said(f"queue turns.fifo at {queues.url.removeprefix('http://')}")
        with Browser(f"ws://127.0.0.1:{started.port}/ws") as browser:
            browser.start()
            assert "R$ 120" in browser.ask("quanto custa um encanador?")["content"]
        assert eventually(lambda: queues.requests["DeleteMessage"] == 1)
        started.interrupt()


def test_several_processes_need_nothing_but_their_number(clone: Path) -> None:
    several = Started(clone, "WORKERS=2", "DATA_DIR=several")
    lines = [line.split("  ")[0] for line in several.lines if line.strip()]
    assert (
        lines[-4:] == ["Chat page", "Console", "API", "Administrator key"]
        and len(re.findall(r"^Workers", "".join(several.lines), re.M)) == 1
    )
    with Browser(f"ws://127.0.0.1:{several.port}/ws") as browser:
        browser.start()
        assert "R$ 120" in browser.ask("quanto custa um encanador?")["content"]
    assert several.interrupt() in (0, 2, 130, -signal.SIGINT)
    assert not several.said("Traceback")


def test_make_demo_has_a_past_to_look_at(clone: Path) -> None:
    demo = Started(clone, target="demo")
    key = next(line.split()[-1] for line in demo.lines if line.startswith("Administrator key"))
    answer = httpx.get(
        f"http://127.0.0.1:{demo.port}/api/v1/analytics/reports/weekly", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.json()["cards"]["sessions"] > 500 and answer.json()["previous"]["sessions"] > 500
    assert demo.interrupt() in (0, 2, 130, -signal.SIGINT)
    assert not demo.said("Traceback")


def test_make_chat_starts_the_assistant_when_none_answers_and_ends_it(clone: Path) -> None:
    port = free_port()
    asked = make(clone, "-s", "chat", f"PORT={port}", input="cartao\n")
    assert asked.returncode == 0 and "PIX" in asked.stdout
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_make_doctor_says_a_sentence_for_each(clone: Path) -> None:
    told = make(clone, "doctor", f"PORT={free_port()}")
    assert told.returncode == 0, told.stdout
    assert [line.split()[1] for line in told.stdout.splitlines()] == [
        "key:",
        "model:",
        "contact:",
        "store:",
        "port:",
        "browser:",
    ]


def test_make_knowledge_brings_a_file_in(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "knowledge.csv").write_text("category,title,content\nfaq,Zabumba,Custa R$ 77.\n")
    told = make(clone, "knowledge", f"FILE={tmp_path}/knowledge.csv", f"DATA_DIR={tmp_path}", "ARGS=--dry-run")
    assert told.returncode == 0 and "1 created" in told.stdout, told.stderr


def test_a_wrong_setting_stops_make_run_with_its_name(clone: Path) -> None:
    refused = make(clone, "run", "RATE_LIMIT_BURST=many", f"PORT={free_port()}")
    assert refused.returncode != 0 and "RATE_LIMIT_BURST: 'many'" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("script", "remedy"),
    [
        ('case "$2" in *version_info*) exit 0;; *ensurepip*) exit 1;; esac', "python3-venv"),
        ('case "$1" in -V) echo Python 3.9.2;; *) exit 1;; esac', "3.11 or newer is needed"),
    ],
)
def test_a_missing_tool_is_told_in_one_sentence(clone: Path, tmp_path: Path, script: str, remedy: str) -> None:
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    shutil.copytree(clone, tmp_path / "copy", ignore=shutil.ignore_patterns(".venv", ".data"))
    refused = make(tmp_path / "copy", "run", f"PYTHON={python}")
    told = [line for line in refused.stderr.splitlines() if not line.startswith("make")]
    assert refused.returncode != 0 and len(told) == 1 and remedy in told[0]


def test_a_python_that_is_not_there_is_told_in_one_sentence(clone: Path, tmp_path: Path) -> None:
    shutil.copytree(clone, tmp_path / "copy", ignore=shutil.ignore_patterns(".venv", ".data"))
    refused = make(tmp_path / "copy", "run", "PYTHON=python9")
    assert refused.returncode != 0 and "install Python 3.11 or newer" in refused.stderr


def test_make_alone_lists_the_targets(clone: Path) -> None:
    listed = make(clone).stdout
    for target in ("run", "chat", "test", "lint", "bench", "doctor", "why"):
        assert re.search(rf"^{target}\s+\S", listed, re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_command_of_the_pages_is_one_that_tests_or_ci_run(page: str) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line.strip()]
    assert commands
    for command in commands:
        called = re.search(r"\bmake(?: -s)?(?: ([a-z-]+))?", command)
        assert called and (called.group(1) or "help") in RUN_BY_TESTS, command


def test_the_runtime_documents_every_option() -> None:
    told = subprocess.run([sys.executable, "-m", "runtime", "--help"], cwd=ROOT, capture_output=True, text=True)
    options = re.findall(r"^  (--[a-z-]+).*", told.stdout, re.MULTILINE)
    assert told.returncode == 0 and {"--host", "--port", "--data-dir"} <= set(options)
