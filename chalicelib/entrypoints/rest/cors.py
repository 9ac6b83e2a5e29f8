"""What browsers need to let a page of another site, such as a console, use the REST API (API_ORIGINS).

By ourselves on every path, because Chalice's own answers one origin for all. No cookie is ever used, so a page gets
nothing by this that it has no key for.
"""

from collections.abc import Iterable

from chalice.app import Request, Response

from chalicelib.settings import Settings

Headers = dict[str, str | list[str]]

SENT = "authorization, content-type, if-match"
SEEN = "ETag, Location, Content-Disposition, WWW-Authenticate"
SECONDS = "600"  # that a browser may remember an answer to its question


def headers(settings: Settings, request: Request) -> Headers:
    """For an answer to `request`; Vary in any case, because a cache may stand in between."""
    origin = request.headers.get("origin", "")
    if origin not in settings.api_origins:
        return {"Vary": "Origin"}
    return {"Vary": "Origin", "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": SEEN}


def preflight(settings: Settings, request: Request, methods: Iterable[str]) -> Response:
    """The answer to a browser that asks what it may send; to a page that is not let in, without a permission."""
    told = headers(settings, request)
    if "Access-Control-Allow-Origin" in told:
        told |= {"Access-Control-Allow-Methods": ", ".join(sorted(methods)), "Access-Control-Allow-Headers": SENT}
        told["Access-Control-Max-Age"] = SECONDS
    return Response(body="", status_code=204, headers=told)
