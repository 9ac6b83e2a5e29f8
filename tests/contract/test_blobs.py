"""What every place for files promises, run over each adapter."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from chalicelib.adapters.blobs import DirectoryBlobs, MemoryBlobs
from chalicelib.adapters.s3 import S3Blobs
from chalicelib.knowledge.ports import Blobs

REGION = "us-east-1"


@pytest.fixture(params=["memory", "folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Blobs]:
    if request.param == "s3":
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "any")
        endpoint = request.getfixturevalue("dynamodb")  # moto, which is an S3 too
        bucket = f"blobs-{tmp_path.name.lower().replace('_', '-')}"[:60].rstrip("-")
        s3 = boto3.client("s3", region_name=REGION, endpoint_url=endpoint)
        s3.create_bucket(Bucket=bucket)
        yield S3Blobs(bucket, REGION, endpoint)
        s3.close()
    else:
        yield MemoryBlobs() if request.param == "memory" else DirectoryBlobs(tmp_path / "blobs")


def test_what_was_put_comes_back_and_the_last_one_counts(blobs: Blobs) -> None:
    assert blobs.get("snapshot") is None
    assert blobs.put("snapshot", b"one") and blobs.put("snapshot", bytes(range(256)) * 10_000)
    assert blobs.get("snapshot") == bytes(range(256)) * 10_000 and blobs.get("other") is None


def test_a_folder_holds_whole_files_and_nothing_else(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path / "blobs")
    assert blobs.put("snapshot", b"one") and blobs.put("snapshot", b"two")
    assert [path.name for path in (tmp_path / "blobs").iterdir()] == ["snapshot"]


def test_a_place_that_cannot_be_used_is_empty(tmp_path: Path, dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    (tmp_path / "file").write_text("in the way")
    nowhere: tuple[Blobs, ...] = (DirectoryBlobs(tmp_path / "file"), S3Blobs("no-such-bucket", REGION, dynamodb))
    for blobs in nowhere:
        assert blobs.get("snapshot") is None and not blobs.put("snapshot", b"one")
