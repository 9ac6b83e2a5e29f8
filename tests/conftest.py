"""What every test may use: the assistant in a process of its own, shared or to oneself."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.administrator import KEYS, Administrator
from tests.chromium import allowed_to_skip, chromium, not_run
from tests.dynamodb import Table
from tests.server import Server

__all__ = ["chromium"]  # a fixture

Start = Callable[..., Server]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One assistant, answering from its knowledge, for all the tests that leave it as they found it."""
    running = Server(tmp_path_factory.mktemp("data"))
    yield running
    running.stop()


@pytest.fixture
def admin(server: Server) -> Iterator[Administrator]:
    """With the server's administrators being `ADMIN_KEYS`, as for the two below."""
    with Administrator(server.url) as somebody:
        yield somebody


@pytest.fixture
def operator(server: Server) -> Iterator[Administrator]:
    with Administrator(server.url, KEYS["operator"]) as somebody:
        yield somebody


@pytest.fixture
def viewer(server: Server) -> Iterator[Administrator]:
    with Administrator(server.url, KEYS["viewer"]) as somebody:
        yield somebody


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start an assistant with settings of one's own; the same data folder each time, so it can be restarted."""
    started: list[Server] = []

    def begin(**settings: str) -> Server:
        started.append(Server(tmp_path / "data", **settings))
        return started[-1]

    yield begin
    for one in started:
        print(f"ended by itself: {one.process.poll()}\n{one.printed()[-2000:]}")  # seen when the test fails
        if one.process.poll() is None:
            one.stop()


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[str]:
    """The address of a DynamoDB: moto behind real HTTP, one for all the tests of a worker."""
    from moto.server import ThreadedMotoServer  # 2 s to import, and most tests do without

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    yield "http://{}:{}".format(*moto.get_host_and_port())
    moto.stop()


@pytest.fixture
def table(dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """A table of one's own, made as an operator makes it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")  # moto takes whatever a request is signed with
    made = Table(dynamodb)
    yield made
    made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take long comes first, then files with a browser: the last of them would keep one process busy alone."""
    patience: dict[Path, float] = defaultdict(float)
    for item in items:
        marked = [mark.args[0] for mark in item.iter_markers("timeout")]
        patience[item.path] = max(patience[item.path], *marked, float("chromium" in getattr(item, "fixturenames", ())))
    items.sort(key=lambda item: -patience[item.path])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nothing may be silently left out: in CI a skipped test is a failed run, elsewhere one without a browser is."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("CI"):
        terminalreporter.write_line(f"{len(skipped)} skipped in CI, which counts as failed", red=True)
    elif count := not_run(terminalreporter.stats):
        terminalreporter.write_line(
            f"{count} browser tests did not run: install Chromium, or leave them out with BROWSER=skip", red=True
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    stats = reporter.stats if reporter else {}
    left_out = stats.get("skipped") if os.environ.get("CI") else not_run(stats) and not allowed_to_skip()
    if left_out:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
