"""`python -m chalicelib.entrypoints.provision`: make the table of STORE=dynamodb and the queues of QUEUE_URL.

What is there already is brought up to date.
"""

import sys
from collections.abc import Callable

from chalicelib.errors import SettingsError, Unavailable
from chalicelib.settings import Settings, read


def main() -> int:
    """Print a line for each; the exit status: 0, 1 when a service does not answer, 2 for wrong settings."""
    try:
        settings = read()
        wanted = _wanted(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    for service, make in wanted.items():
        try:
            print("\n".join(make(settings)))
        except Unavailable as error:
            print(f"{service}: {error.__cause__}", file=sys.stderr)
            return 1
    return 0


def _wanted(settings: Settings) -> dict[str, Callable[[Settings], list[str]]]:
    """What makes what the settings ask for, by service. Raises SettingsError when they ask for nothing."""
    wanted: dict[str, Callable[[Settings], list[str]]] = {}
    if settings.store == "dynamodb":
        from chalicelib.adapters.dynamodb_tables import create_tables  # slow to import

        wanted["DynamoDB"] = create_tables
    if settings.queue_url:
        from chalicelib.adapters.sqs_queues import create_queues  # slow to import

        wanted["SQS"] = create_queues
    if not wanted:
        raise SettingsError("STORE, QUEUE_URL: nothing to make; set STORE=dynamodb, or QUEUE_URL, or both.")
    return wanted


if __name__ == "__main__":
    sys.exit(main())
