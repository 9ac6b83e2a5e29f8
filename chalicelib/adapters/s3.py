"""Files by name in an S3 bucket, AWS's or any other. Waits 1 s for a connection and 2 s for an answer, twice."""

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import client


class S3Blobs:
    """The Blobs port. The function needs `s3:GetObject` and `s3:PutObject` on the bucket's objects, nothing else."""

    def __init__(self, bucket: str, region: str, endpoint_url: str) -> None:
        self._bucket = bucket
        self._s3 = client("s3", region, endpoint_url)

    def get(self, name: str) -> bytes | None:
        try:
            data: bytes = self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except (BotoCoreError, ClientError):
            return None
        return data

    def put(self, name: str, data: bytes) -> bool:
        try:
            self._s3.put_object(Bucket=self._bucket, Key=name, Body=data)
        except (BotoCoreError, ClientError):
            return False
        return True
