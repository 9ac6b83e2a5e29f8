"""Every conversation twice: on embedded stores, and on DynamoDB with Valkey."""

from collections.abc import Iterator

import pytest

from tests.dynamodb import Table
from tests.server import Server
from tests.valkey import Valkey

SIGNATURE = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}  # moto takes whatever a request is signed with


@pytest.fixture(scope="session")
def shared_stores(dynamodb: str) -> Iterator[dict[str, str]]:
    """The settings that lead to a DynamoDB table and a Valkey."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in SIGNATURE.items():
            environment.setenv(name, value)
        table, valkey = Table(dynamodb), Valkey()
    yield {
        "STORE": "dynamodb",
        "DYNAMODB_ENDPOINT_URL": table.wire.url,
        "DYNAMODB_TABLE": table.direct.dynamodb_table,
        "REDIS_URL": valkey.url,
        **SIGNATURE,
    }
    table.close()
    valkey.stop()


@pytest.fixture(scope="session", params=["embedded", "DynamoDB and Valkey"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One assistant on each kind of stores, for all the tests that leave it as they found it."""
    shared = {} if request.param == "embedded" else request.getfixturevalue("shared_stores")
    running = Server(tmp_path_factory.mktemp("data"), **shared)
    yield running
    running.stop()
