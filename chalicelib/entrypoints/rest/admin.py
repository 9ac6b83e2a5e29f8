"""The console at `/admin`: how somebody gets in, and who they are then. The page itself is one of the site's."""

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import services
from chalicelib.entrypoints.rest import passes, problems
from chalicelib.entrypoints.rest.access import Role
from chalicelib.entrypoints.rest.operations import Answer, Call, operation
from chalicelib.errors import BadRequest, ChatError

blueprint = Blueprint(__name__)


class Me(msgspec.Struct, frozen=True, rename="camel"):
    """Who the key, token or pass belongs to."""

    name: str
    role: Role


class Link(msgspec.Struct, frozen=True):
    link: str


@operation(blueprint, "GET", "/me", answers={200: Me})
def me(call: Call) -> Answer:
    """Who I am, and what I may do."""
    return Answer(200, Me(call.who.name, call.who.role))


@blueprint.route("/admin/sign-in", methods=["POST"], content_types=["application/json"])
def sign_in() -> Response:
    """`{"link"}` of the one-time address → `{"token"}`, a pass for eight hours."""
    request = blueprint.current_request
    try:
        link = msgspec.json.decode(request.raw_body, type=Link).link
        token = passes.exchange(services.current(), link, request.context["identity"]["sourceIp"])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return problems.response(BadRequest(fields=("link",)))
    except ChatError as error:
        return problems.response(error)
    return Response(body={"token": token}, headers={"Cache-Control": "no-store"})
