"""An administrator's way in without a key: a link that works once, and the pass it is exchanged for.

Both are signed with TOKEN_KEYS. A link lives an hour, a pass eight; neither can be taken back before.
"""

from secrets import token_urlsafe
from typing import Any, Literal

import jwt

from chalicelib.chat.ports import SEEN_SECONDS, Bucket
from chalicelib.errors import RateLimited, Unauthorized
from chalicelib.services import Services

LINK_SECONDS = SEEN_SECONDS  # no longer than it is known that it was used
PASS_SECONDS = 8 * 3600
TRIES_PER_MINUTE = 10  # of an address
Use = Literal["admin-link", "admin-pass"]


def make_link(services: Services, url: str) -> str:
    """The address that signs an administrator in; what is after `#` is not sent anywhere by a browser."""
    return f"{url}/admin#link={_sign(services, 'admin-link', LINK_SECONDS)}"


def exchange(services: Services, link: str, ip: str) -> str:
    """A pass for a link. Raises Unauthorized for one that is not ours, too old, or was used; RateLimited."""
    tries = Bucket(f"sign-in:{ip}", TRIES_PER_MINUTE, TRIES_PER_MINUTE)
    claims = read(services, link, "admin-link")
    taken = services.ports.limiter.take((tries,), f"link:{claims['jti']}" if claims else "")
    if taken.wait:
        raise RateLimited(retry_after=taken.wait)
    if claims is None or taken.seen:
        raise Unauthorized
    return _sign(services, "admin-pass", PASS_SECONDS)


def read(services: Services, token: str, use: Use) -> dict[str, Any] | None:
    """What a token says, None unless it is ours, for this use, and lives."""
    unchecked = {"verify_exp": False}  # time is that of our clock
    for key in services.token_keys:
        try:
            claims: dict[str, Any] = jwt.decode(token, key, algorithms=["HS256"], options=unchecked)  # type: ignore[arg-type]
        except (jwt.InvalidTokenError, UnicodeError):
            continue
        return claims if claims.get("use") == use and _now(services) < claims["exp"] else None
    return None


def _sign(services: Services, use: Use, seconds: int) -> str:
    claims = {"use": use, "jti": token_urlsafe(12), "exp": _now(services) + seconds}
    return jwt.encode(claims, services.token_keys[0], algorithm="HS256")


def _now(services: Services) -> int:
    return services.ports.clock.now() // 1000
