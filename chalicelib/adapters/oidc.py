"""Access tokens of an OpenID Connect issuer, checked with the keys that it publishes.

Waits 2 s for the issuer; its keys are kept for 5 minutes, and a key nobody knows is looked for every 30 s at most.
"""

import json
from functools import cached_property
from typing import Any
from urllib.request import urlopen

import jwt
from jwt.exceptions import PyJWKClientConnectionError, PyJWTError

from chalicelib.errors import Unauthorized, Unavailable

SECONDS = 2.0
KEYS_SECONDS = 300.0
UNKNOWN_KEY_SECONDS = 30.0
LEEWAY_SECONDS = 30.0  # two machines' clocks
# Those with a public key: one with a shared secret would take a published key for it.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLAIMS = ["exp", "iss", "aud", "sub"]


class OIDC:
    """Tokens of `issuer` that are meant for `audience`. Thread-safe."""

    def __init__(self, issuer: str, audience: str) -> None:
        """Nothing is asked of the issuer yet."""
        self._issuer = issuer
        self._audience = audience

    def claims(self, token: str) -> dict[str, Any]:
        """What a token says. Raises Unauthorized for one that is not good, Unavailable when the issuer is silent."""
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": CLAIMS},
            )
        except PyJWKClientConnectionError as error:
            raise Unavailable from error
        except PyJWTError as error:
            raise Unauthorized from error
        return claims

    @cached_property
    def _keys(self) -> jwt.PyJWKClient:
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            with urlopen(address, timeout=SECONDS) as answer:
                uri = str(json.load(answer)["jwks_uri"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unavailable from error
        return jwt.PyJWKClient(uri, lifespan=KEYS_SECONDS, timeout=SECONDS, cooldown_duration=UNKNOWN_KEY_SECONDS)
