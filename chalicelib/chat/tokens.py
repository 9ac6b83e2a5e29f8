"""Signed tokens: ours, that resume a conversation, and the host site's, that say who somebody is.

Every `session` frame brings a newer resume token, and the tabs that hold an older one go on working. When the
ownership of a conversation changes its generation grows, and every token issued before is void. A token opens
nothing that has ended: that is for the log to say, and it says so from its last message's time.
"""

import re
from hashlib import sha256
from typing import Any

import jwt
from msgspec import Struct

from chalicelib.chat.model import Header, UserType
from chalicelib.errors import Forbidden, Unauthorized

_RESUME = "resume"
MAX_IDENTITY_SECONDS = 3600  # an identity token that lives longer is not "short-lived"
CLOCK_SKEW_SECONDS = 60


class Resume(Struct, frozen=True):
    session_id: str
    owner: str
    generation: int


class Identity(Struct, frozen=True):
    """Who the host site says is in front of the browser."""

    subject: str
    user_type: UserType
    name: str = ""

    @property
    def owner(self) -> str:
        return f"user:{self.subject}"


def sign_resume(header: Header, keys: tuple[str, ...], expires_at: int) -> str:
    claims = {
        "use": _RESUME,
        "sid": header.session_id,
        "own": header.owner,
        "gen": header.generation,
        "exp": expires_at // 1000,
    }
    return jwt.encode(claims, keys[0], algorithm="HS256", headers={"kid": _name_of(keys[0])})


def read_resume(token: str, keys: tuple[str, ...]) -> Resume:
    """Raises Forbidden for a token that we did not sign. Whether the conversation is over, its log says."""
    claims = _verified(token, keys)
    if claims is None or claims.get("use") != _RESUME:
        raise Forbidden
    return Resume(claims["sid"], claims["own"], claims["gen"])


def read_identity(token: str, keys: tuple[str, ...], now: int) -> Identity:
    """Raises Unauthorized for anything but a valid, short-lived token of a client or provider."""
    claims = _verified(token, keys)
    if claims is None or not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise Unauthorized
    if not _lives(claims, now / 1000):
        raise Unauthorized
    if claims.get("user_type") not in ("client", "provider"):
        raise Unauthorized
    name = claims.get("name", "")
    return Identity(claims["sub"][:128], claims["user_type"], _plain(name) if isinstance(name, str) else "")


def sign_identity(identity: Identity, keys: tuple[str, ...], expires_at: int) -> str:
    """As a host site does it; here for the demo site."""
    claims = {
        "sub": identity.subject,
        "name": identity.name,
        "user_type": identity.user_type,
        "exp": expires_at // 1000,
    }
    return jwt.encode(claims, keys[0], algorithm="HS256")


def _lives(claims: dict[str, Any], now: float) -> bool:
    """Whether a token is valid now and not for too long; the issuer's clock may be a minute off."""
    ends, begins = claims.get("exp"), claims.get("nbf", now)
    if not isinstance(ends, int | float) or not isinstance(begins, int | float):
        return False
    return now < ends <= now + MAX_IDENTITY_SECONDS + CLOCK_SKEW_SECONDS and begins <= now + CLOCK_SKEW_SECONDS


def _plain(name: str) -> str:
    """A name as it may stand in a sentence: letters and what joins them, no Markdown."""
    return " ".join(re.sub(r"[^\w\s'’.-]|_", "", name).split())[:80]


def _verified(token: str, keys: tuple[str, ...]) -> dict[str, Any] | None:
    """The claims, whichever key signed them; time is judged by the caller's clock."""
    unchecked = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
    for key in keys:
        try:
            return jwt.decode(token, key, algorithms=["HS256"], options=unchecked)  # type: ignore[arg-type]
        except jwt.InvalidTokenError:
            continue
    return None


def _name_of(key: str) -> str:
    """A key's public name, so that an operator can tell which key signed a token."""
    return sha256(key.encode()).hexdigest()[:8]
