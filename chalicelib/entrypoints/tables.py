"""`python -m chalicelib.entrypoints.tables`: make the tables of STORE=dynamodb, or bring them up to date."""

import sys

from chalicelib.errors import SettingsError, Unavailable
from chalicelib.settings import read


def main() -> int:
    """Print a line for each table; the exit status: 0, 1 when DynamoDB does not answer, 2 for wrong settings."""
    from chalicelib.adapters.dynamodb_tables import create_tables  # slow to import

    try:
        lines = create_tables(read())
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except Unavailable as error:
        print(f"DynamoDB: {error.__cause__}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
