"""Who is let in: keys by their hash, tokens of an issuer by its published keys."""

import hmac
import json
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode

from chalicelib.entrypoints.rest.access import Administrator, administrator
from chalicelib.errors import Unauthorized, Unavailable
from chalicelib.services import Services
from chalicelib.settings import from_environment
from tests.administrator import Administrator as Caller
from tests.rest.issuer import AUDIENCE, Issuer
from tests.server import Server

KEY = "a-key"


def services(**settings: str) -> Services:
    hashed = sha256(KEY.encode()).hexdigest()
    return Services(from_environment({"STORE": "memory", "ADMIN_KEYS": f"viewer:{hashed}", **settings}))


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.close()


@pytest.fixture
def open_to(issuer: Issuer) -> Services:
    return services(OIDC_ISSUER=issuer.url, OIDC_AUDIENCE=AUDIENCE)


def who(services: Services, token: str) -> Administrator:
    return administrator(services, f"Bearer {token}")


def test_a_key_is_known_by_its_hash_and_gives_its_role() -> None:
    known = who(services(), KEY)
    assert known == Administrator(f"key:{sha256(KEY.encode()).hexdigest()[:8]}", "viewer")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", f"Basic {KEY}", KEY, "Bearer é", "Bearer a.b.c", "Bearer \udcff"]
)
def test_anything_else_is_nobody(header: str) -> None:
    with pytest.raises(Unauthorized):
        administrator(services(), header)


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({}, "admin"),
        ({"roles": "viewer"}, "viewer"),
        ({"roles": ["x", "viewer", "operator"]}, "operator"),
        ({"aud": ["other", AUDIENCE]}, "admin"),
    ],
)
def test_a_token_says_who_and_what(open_to: Services, issuer: Issuer, claims: dict[str, Any], role: str) -> None:
    assert who(open_to, issuer.token(**claims)) == ("ana", role)


def test_roles_are_found_where_the_issuer_keeps_them(issuer: Issuer) -> None:
    keycloak = services(OIDC_ISSUER=issuer.url, OIDC_AUDIENCE=AUDIENCE, OIDC_ROLES_CLAIM="realm_access.roles")
    assert who(keycloak, issuer.token(roles=None, realm_access={"roles": ["viewer"]})).role == "viewer"
    cognito = services(OIDC_ISSUER=issuer.url, OIDC_AUDIENCE=AUDIENCE, OIDC_ROLES_CLAIM="cognito:groups")
    assert who(cognito, issuer.token(**{"cognito:groups": ["admin"]})).role == "admin"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://issuer.example"},
        {"iss": None},
        {"sub": None},
        {"roles": None},
        {"roles": ["owner"]},
        {"roles": {"admin": True}},
        {"nbf": int(time.time()) + 3600},
    ],
)
def test_a_token_that_is_not_good_is_nobodys(open_to: Services, issuer: Issuer, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        who(open_to, issuer.token(**claims))


def signed_with_a_secret(claims: dict[str, Any], secret: bytes, key_id: str) -> str:
    """PyJWT refuses to make a token that takes a public key for a secret."""
    parts = ({"alg": "HS256", "kid": key_id}, claims)
    said = ".".join(base64url_encode(json.dumps(part).encode()).decode() for part in parts)
    return f"{said}.{base64url_encode(hmac.digest(secret, said.encode(), 'sha256')).decode()}"


def test_a_token_signed_by_somebody_else_is_nobodys(open_to: Services, issuer: Issuer) -> None:
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = issuer.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    forged = (
        jwt.encode(claims, stranger, "RS256", {"kid": issuer.key_id}),
        signed_with_a_secret(claims, public, issuer.key_id),
        jwt.encode(claims, None, "none", {"kid": issuer.key_id}),
        jwt.encode(claims, issuer.key, "RS256", {"kid": "unknown"}),
        jwt.encode(claims, issuer.key, "RS256"),
        issuer.token()[:-4] + "AAAA",
    )
    for token in forged:
        with pytest.raises(Unauthorized):
            who(open_to, token)


def test_the_issuer_is_asked_once_whatever_is_sent(open_to: Services, issuer: Issuer) -> None:
    for _ in range(5):
        who(open_to, issuer.token())
        with pytest.raises(Unauthorized):
            who(open_to, jwt.encode({"sub": "x"}, issuer.key, "RS256", {"kid": "unknown"}))
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]


def test_an_issuer_that_is_silent_is_no_reason_to_let_anybody_in(open_to: Services, issuer: Issuer) -> None:
    issuer.silent = True
    with pytest.raises(Unavailable):
        who(open_to, issuer.token())
    assert who(open_to, KEY).role == "viewer"
    issuer.silent = False
    assert who(open_to, issuer.token()).role == "admin"


def test_a_token_opens_the_api(start: Any, issuer: Issuer) -> None:
    server: Server = start(OIDC_ISSUER=issuer.url, OIDC_AUDIENCE=AUDIENCE)
    made_key = next(line.split()[-1] for line in server.lines if line.startswith("Administrator key"))
    for token, status in ((issuer.token(), 200), (issuer.token(aud="x"), 401), (made_key, 200)):
        caller = Caller(server.url, token)
        assert caller.ask("GET", "/knowledge?limit=1").status_code == status
        caller.close()
    admin = Caller(server.url, issuer.token(sub="bia"))
    assert admin.create()["updatedBy"] == "bia"
    admin.close()
