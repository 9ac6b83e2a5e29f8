"""Who an administrator is: somebody with a key of ADMIN_KEYS, a pass, or an access token of OIDC_ISSUER."""

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Literal, NamedTuple

from chalicelib.entrypoints.rest import passes
from chalicelib.errors import Unauthorized
from chalicelib.services import Services

Role = Literal["admin", "operator", "viewer"]
ROLES: tuple[Role, ...] = ("admin", "operator", "viewer")  # whoever has several is the first of them
READ: frozenset[Role] = frozenset(ROLES)
OPERATE: frozenset[Role] = frozenset(("admin", "operator"))
WRITE: frozenset[Role] = frozenset(("admin",))


class Administrator(NamedTuple):
    """`name` is for the record: `key:` and the beginning of the key's hash, the token's subject, `link` for a pass."""

    name: str
    role: Role


def administrator(services: Services, authorization: str) -> Administrator:
    """Who sent this `Authorization` header. Raises Unauthorized, and Unavailable when the issuer is silent."""
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized
    return _by_key(services.admin_keys, token) or _by_pass(services, token) or _by_token(services, token)


def _by_key(keys: tuple[str, ...], token: str) -> Administrator | None:
    given = sha256(token.encode("utf-8", "replace")).hexdigest()
    found = None
    for key in keys:  # every one, so that the time tells nothing
        role, _, known = key.partition(":")
        if compare_digest(given, known):
            found = Administrator(f"key:{known[:8]}", _role((role,)))
    return found


def _by_pass(services: Services, token: str) -> Administrator | None:
    return Administrator("link", "admin") if passes.read(services, token, "admin-pass") else None


def _by_token(services: Services, token: str) -> Administrator:
    if services.oidc is None or token.count(".") != 2:
        raise Unauthorized
    claims = services.oidc.claims(token)
    return Administrator(str(claims["sub"])[:200], _role(_roles(claims, services.settings.oidc_roles_claim)))


def _roles(claims: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """The claim at `path`, whose dots lead into objects (`realm_access.roles`): one role or several."""
    found: Any = claims
    for name in [path] if path in claims else path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return (found,) if isinstance(found, str) else tuple(map(str, found)) if isinstance(found, list) else ()


def _role(named: tuple[str, ...]) -> Role:
    for role in ROLES:
        if role in named:
            return role
    raise Unauthorized
