"""Who may open a socket."""

from urllib.parse import urlsplit


def origin_allowed(origin: str | None, host: str | None, allowed: tuple[str, ...], deployed: bool) -> bool:
    """Whether a page of `origin` may open the chat served at `host`.

    Programs send no Origin and may: it protects people in browsers, not the service. Outside a deployed stage a
    page of the same host may too, whatever name or port it is reached by.
    """
    if not origin:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if not deployed and host and parts.netloc.lower() == host.lower():
        return True
    return any(_matches(origin.lower().rstrip("/"), parts.hostname or "", pattern.lower()) for pattern in allowed)


def _matches(origin: str, hostname: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return hostname.endswith(pattern[1:])
    return origin == pattern.rstrip("/")
