from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from local_runtime import Running, Start


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One runtime for all the tests that leave it as they found it."""
    running = Running(tmp_path_factory.mktemp("shared"), "foreign", ("--route", "sendMessage"))
    yield running
    running.kill()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a runtime of one's own; a second one in the same test finds the files of the first."""
    started: list[Running] = []

    def go(*options: str, app: str = "foreign", **settings: str) -> Running:
        started.append(Running(tmp_path, app, options, **settings))
        return started[-1]

    yield go
    for running in started:
        running.kill_all()
