"""POST /demo/identity/{role}: the demo site's sign-in. A real host mints these tokens itself, with a key of its own."""

from chalice.app import Blueprint, Response

from chalicelib import services
from chalicelib.chat import tokens
from chalicelib.chat.tokens import Identity

blueprint = Blueprint(__name__)

PEOPLE = {
    "client": Identity("demo-client", "client", "Ana"),
    "provider": Identity("demo-provider", "provider", "Bruno"),
}
LIFE_MS = 15 * 60 * 1000


@blueprint.route("/demo/identity/{role}", methods=["POST"], content_types=["text/plain", "application/json"])
def identity(role: str) -> Response:
    """`{"token"}`, good for a quarter of an hour. 404 for other roles, and for everybody once deployed."""
    current = services.current()
    if current.settings.deployed or role not in PEOPLE:
        return Response(body={"message": "Not Found"}, status_code=404)
    token = tokens.sign_identity(PEOPLE[role], current.identity_keys, current.ports.clock.now() + LIFE_MS)
    return Response(body={"token": token}, headers={"Cache-Control": "no-store"})
