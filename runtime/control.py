"""The faults that are in force, over HTTP while the runtime runs: `GET` and `PUT /_faults`."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtime.faults import Faults, plan
from runtime.loopback import is_local

PATH = "/_faults"


class Control:
    """For processes of this machine; a page in a browser here, which always names its origin, is not one of them."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    async def __call__(self, request: Request) -> Response:
        if not is_local(request) or "origin" in request.headers:
            return _said(403, "only a process of this machine may")
        if request.method == "PUT":
            try:
                self._faults.follow(plan(_object(await request.body())))
            except ValueError as problem:
                return _said(400, str(problem))
        elif request.method != "GET":
            return _said(405, "GET or PUT")
        return JSONResponse(self._faults.describe())


def _object(body: bytes) -> dict[str, Any]:
    given = json.loads(body)
    if not isinstance(given, dict):
        raise ValueError("give a JSON object of faults and their shares")
    return given


def _said(status: int, text: str) -> Response:
    return JSONResponse({"message": text}, status)
