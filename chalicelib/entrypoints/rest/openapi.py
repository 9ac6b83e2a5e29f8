"""GET /api/v1/openapi.json, made from the operations and their types, and /api/docs, a page to begin with."""

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec
from chalice.app import Blueprint, Response

from chalicelib.entrypoints.rest.access import READ
from chalicelib.entrypoints.rest.operations import OPERATIONS, PREFIX, Download, Operation, Upload
from chalicelib.entrypoints.rest.problems import Problem
from chalicelib.knowledge.model import Entry

blueprint = Blueprint(__name__)

ABOUT = "Bearer: an administrator's key (ADMIN_KEYS), or an access token of OIDC_ISSUER with a role."
PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
REFUSED = {
    400: "Something in the request is not valid; `errors` names it.",
    401: "No key or token, or not a good one.",
    403: "The role does not allow this.",
    404: "There is no such thing.",
    409: "What is there does not allow this.",
    412: "`If-Match` names a version that is no longer the present one.",
    413: "The body is too large.",
    428: "`If-Match` is missing.",
    503: "The store does not answer.",
}
WITHOUT = (None, Upload, Download)  # that have no schema
_REF = "#/components/schemas/{name}"


@blueprint.route(f"{PREFIX}/openapi.json")
def openapi() -> Response:
    return Response(body=_encoded(), status_code=200, headers={"Content-Type": "application/json"})


@blueprint.route("/api/docs")
def docs() -> Response:
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": PAGE_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body=_page(), status_code=200, headers=headers)


@lru_cache
def _page() -> str:
    return (files("chalicelib") / "entrypoints" / "rest" / "docs.html").read_text("utf-8")


@lru_cache
def _encoded() -> str:
    return msgspec.json.encode(document()).decode()


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of every operation."""
    kinds = [kind for one in OPERATIONS for kind in (one.body, *one.answers.values()) if kind not in WITHOUT]
    _, schemas = msgspec.json.schema_components([*kinds, Problem], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _described(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chat IA Assistente: administration", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"administrator": {"type": "http", "scheme": "bearer", "description": ABOUT}},
        },
        "security": [{"administrator": []}],
    }


def _described(one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"Roles: {', '.join(sorted(one.roles))}.",
        "parameters": [*_in_path(one), *_in_query(one), *_in_header(one)],
        "responses": {str(status): _answer(kind, one.files) for status, kind in one.answers.items()}
        | {str(status): _refusal(REFUSED[status]) for status in _refusals(one)},
    }
    if one.body:
        content = _files(one.files) if one.body is Upload else _json(_ref(one.body))
        described["requestBody"] = {"required": True, "content": content}
    return described


def _in_path(one: Operation) -> list[dict[str, Any]]:
    text = {"type": "string", "minLength": 1}
    return [{"name": n, "in": "path", "required": True, "schema": text} for n in re.findall(r"{(\w+)}", one.path)]


def _in_query(one: Operation) -> list[dict[str, Any]]:
    if not one.query:
        return []
    properties = msgspec.json.schema(one.query)["$defs"][one.query.__name__]["properties"]
    return [{"name": name, "in": "query", "schema": schema} for name, schema in properties.items()]


def _in_header(one: Operation) -> list[dict[str, Any]]:
    if not one.if_match:
        return []
    schema = {"type": "string", "pattern": '^"[0-9]{1,10}"$'}
    about = "The version that is changed: its ETag."
    return [{"name": "If-Match", "in": "header", "required": True, "schema": schema, "description": about}]


def _answer(kind: Any, files: tuple[str, ...]) -> dict[str, Any]:
    if kind is None:
        return {"description": "Done."}
    if kind is Download:
        return {"description": "The file.", "content": _files(files)}
    described: dict[str, Any] = {"description": "Done.", "content": {**_json(_ref(kind)), **_files(files)}}
    if kind is Entry:
        described["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "The version, for If-Match."}}
    return described


def _refusal(about: str) -> dict[str, Any]:
    return {"description": about, "content": {"application/problem+json": {"schema": _ref(Problem)}}}


def _refusals(one: Operation) -> list[int]:
    """The statuses beside its own that an operation can have."""
    named = "{" in one.path
    possible = {
        400: one.body or one.query or one.if_match,
        403: one.roles != READ,
        404: named or (one.body and one.body is not Upload),
        409: one.roles != READ,
        412: one.if_match,
        413: one.body,
        428: one.if_match,
    }
    return sorted({401, 503, *one.refusals, *(status for status, may in possible.items() if may)})


def _files(kinds: tuple[str, ...]) -> dict[str, Any]:
    return {kind: {"schema": {"type": "string"}} for kind in kinds}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(kind: Any) -> dict[str, Any]:
    return {"$ref": _REF.format(name=kind.__name__)}
