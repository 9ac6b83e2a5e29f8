"""What the settings amount to, for the terminal."""

from urllib.parse import urlsplit

from chalicelib.settings import Settings


def store_in_words(settings: Settings) -> str:
    """Where conversations are kept, for the terminal."""
    if settings.store == "memory":
        return "memory (nothing is kept)"
    if settings.store == "dynamodb":
        where = settings.dynamodb_endpoint_url or settings.aws_region
        return f"DynamoDB table {settings.dynamodb_table} in {where}"
    return f"SQLite in {settings.data_dir}"


def cache_in_words(settings: Settings) -> str:
    """Where Redis is, without user and password; "" without one."""
    if settings.cache_url.startswith("unix:"):
        return "a socket of this start"
    return urlsplit(settings.cache_url).netloc.rpartition("@")[2]
