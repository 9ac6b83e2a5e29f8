"""A DynamoDB table for one test, and the requests that are sent to it."""

import itertools

from chalicelib.settings import Settings, from_environment

_number = itertools.count(1)


class Table:
    def __init__(self, endpoint: str) -> None:
        """Make a new table at `endpoint`."""
        from chalicelib.adapters.dynamodb_tables import create_tables  # slow to import, and most tests do without

        self.settings: Settings = from_environment(
            {"STORE": "dynamodb", "DYNAMODB_ENDPOINT_URL": endpoint, "DYNAMODB_TABLE": f"test-{next(_number)}"}
        )
        create_tables(self.settings)
