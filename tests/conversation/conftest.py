"""Every conversation twice: on embedded stores, and on DynamoDB with SQS and Valkey."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

import pytest

from tests.dynamodb import SIGNATURE, Table
from tests.server import Server
from tests.sqs import Queues
from tests.valkey import Valkey

KINDS = ("embedded", "DynamoDB, SQS and Valkey")


@dataclass(frozen=True)
class Stores:
    """What outlives the processes of a test: the settings that lead there, and its parts where they are services."""

    settings: dict[str, str] = field(default_factory=dict)
    table: Table | None = None
    queues: Queues | None = None

    def time_out(self) -> None:
        """Let what a killed process had taken be delivered again; the queue of one machine does so by itself."""
        if self.queues:
            self.queues.time_out()


@pytest.fixture(scope="session")
def shared_valkey() -> Iterator[Valkey]:
    running = Valkey()
    yield running
    running.stop()


def stores_of(kind: str, request: pytest.FixtureRequest, closing_later: ExitStack) -> Stores:
    """New ones of a kind."""
    if kind == "embedded":
        return Stores()
    environment = closing_later.enter_context(pytest.MonkeyPatch.context())
    for name, value in SIGNATURE.items():
        environment.setenv(name, value)
    moto, valkey = request.getfixturevalue("dynamodb"), request.getfixturevalue("shared_valkey")
    table, queues = (
        closing_later.enter_context(closing(Table(moto))),
        closing_later.enter_context(closing(Queues(moto))),
    )
    settings = {**table.variables, "QUEUE_URL": queues.queue, "REDIS_URL": valkey.url}
    return Stores(settings, table, queues)


@pytest.fixture(params=KINDS)
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Stores of one's own, for assistants that are started, killed and started again."""
    with ExitStack() as closing_later:
        yield stores_of(request.param, request, closing_later)


@pytest.fixture(scope="session", params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One assistant on each kind of stores, for all the tests that leave it as they found it."""
    with ExitStack() as closing_later:
        stores = stores_of(request.param, request, closing_later)
        running = Server(tmp_path_factory.mktemp("data"), **stores.settings)
        closing_later.callback(running.stop)
        yield running
