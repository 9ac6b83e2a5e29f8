"""The way to browsers through API Gateway's `@connections`."""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import client

GONE = frozenset(("GoneException", "ForbiddenException", "BadRequestException"))
BUSY_SECONDS = 1.5  # of trying again while API Gateway says that a limit is exceeded
PAUSE_SECONDS = 0.1


class ConnectionsOutbox:
    """The Outbox port. `url` comes from the settings: an event's domain may be a custom one, which drops the stage.

    What cannot be delivered now is not retried for ever: it is stored, and a browser that misses it asks again.
    """

    def __init__(self, url: str, region: str) -> None:
        self._client = client("apigatewaymanagementapi", region, url, tries=1)

    def post(self, connection_id: str, data: str) -> bool:
        return self._reaches(lambda: self._client.post_to_connection(ConnectionId=connection_id, Data=data.encode()))

    def close(self, connection_id: str) -> bool:
        return self._reaches(lambda: self._client.delete_connection(ConnectionId=connection_id))

    def _reaches(self, call: Callable[[], Any]) -> bool:
        """False when the browser is gone; True when it was reached, or is there but could not be reached now."""
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                call()
                return True
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code in GONE:
                    return False
                if code != "LimitExceededException" or time.monotonic() > until:
                    return True
            except BotoCoreError:
                return True
            time.sleep(PAUSE_SECONDS)
