"""The REST API of an assistant on embedded stores, and of one on DynamoDB with Valkey."""

from collections.abc import Iterator

import pytest

from tests.administrator import ADMIN_KEYS
from tests.dynamodb import SIGNATURE, Table
from tests.server import Server
from tests.valkey import Valkey


@pytest.fixture(scope="session")
def shared_stores(dynamodb: str) -> Iterator[dict[str, str]]:
    """The settings that lead to a DynamoDB table, a bucket and a Valkey."""
    import boto3

    with pytest.MonkeyPatch.context() as environment:
        for name, value in SIGNATURE.items():
            environment.setenv(name, value)
        table, valkey = Table(dynamodb), Valkey()
        s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=dynamodb)
        s3.create_bucket(Bucket="rest-blobs")
        s3.close()
    yield {
        **table.variables,
        "BLOBS_BUCKET": "rest-blobs",
        "BLOBS_ENDPOINT_URL": dynamodb,
        "REDIS_URL": valkey.url,
    }
    table.close()
    valkey.stop()


@pytest.fixture(scope="session", params=["embedded", "DynamoDB and Valkey"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    shared = {} if request.param == "embedded" else request.getfixturevalue("shared_stores")
    running = Server(tmp_path_factory.mktemp("data"), ADMIN_KEYS=ADMIN_KEYS, **shared)
    yield running
    running.stop()
