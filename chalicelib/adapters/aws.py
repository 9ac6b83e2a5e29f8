"""Clients of AWS services with timeouts of our own; none of botocore's defaults (60 s) suits a person who waits."""

from typing import Any

import boto3
from botocore.config import Config

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
TRIES = 2
POOL = 50  # sockets kept open: a process writes that many replies at once


def client(service: str, region: str, endpoint_url: str, *, tries: int = TRIES) -> Any:
    """A warm, thread-safe client; `endpoint_url` "" is AWS's own."""
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": tries, "mode": "standard"},
        max_pool_connections=POOL,
    )
    return boto3.client(service, region_name=region, endpoint_url=endpoint_url or None, config=config)
