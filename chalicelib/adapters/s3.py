"""Files by name in an S3 bucket, AWS's or any other. Waits 1 s for a connection and 2 s for an answer, twice."""

from contextlib import suppress
from typing import BinaryIO

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import client

LINK_SECONDS = 900


class S3Blobs:
    """The Blobs port. The function needs `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject` on its objects."""

    def __init__(self, bucket: str, region: str, endpoint_url: str) -> None:
        self._bucket = bucket
        self._s3 = client("s3", region, endpoint_url)

    def get(self, name: str) -> bytes | None:
        try:
            data: bytes = self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except (BotoCoreError, ClientError):
            return None
        return data

    def put(self, name: str, data: bytes | BinaryIO) -> bool:
        try:
            self._s3.put_object(Bucket=self._bucket, Key=name, Body=data)
        except (BotoCoreError, ClientError):
            return False
        return True

    def drop(self, name: str) -> None:
        with suppress(BotoCoreError, ClientError):
            self._s3.delete_object(Bucket=self._bucket, Key=name)

    def link(self, name: str, kind: str) -> str:
        """Signed here, without a request; whoever has it can read this one file."""
        asked = {"Bucket": self._bucket, "Key": name, "ResponseContentType": kind}
        link: str = self._s3.generate_presigned_url("get_object", Params=asked, ExpiresIn=LINK_SECONDS)
        return link
