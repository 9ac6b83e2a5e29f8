"""What every test may use: the assistant in a process of its own, shared or to oneself."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server import Server

Start = Callable[..., Server]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One assistant, answering from its knowledge, for all the tests that leave it as they found it."""
    running = Server(tmp_path_factory.mktemp("data"))
    yield running
    running.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start an assistant with settings of one's own; the same data folder each time, so it can be restarted."""
    started: list[Server] = []

    def begin(**settings: str) -> Server:
        started.append(Server(tmp_path / "data", **settings))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """In CI a skipped test is a failed run: nothing may be silently left out."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("CI"):
        terminalreporter.write_line(f"{len(skipped)} skipped in CI, which counts as failed", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
