"""Somebody with a key who uses the REST API."""

from hashlib import sha256
from typing import Any, Self

import httpx

from tests.server import CEILING

KEYS = {role: f"{role}-key-for-tests" for role in ("admin", "operator", "viewer")}
ADMIN_KEYS = ",".join(f"{role}:{sha256(key.encode()).hexdigest()}" for role, key in KEYS.items())


class Administrator:
    """Requests with a key, a token, or neither."""

    def __init__(self, url: str, token: str = KEYS["admin"]) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=f"{url}/api/v1", timeout=CEILING, headers=headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def ask(
        self, method: str, path: str, body: Any = None, version: int = 0, if_match: str = "", **options: Any
    ) -> httpx.Response:
        named = if_match or (version and f'"{version}"')
        headers = {"If-Match": named} if named else {}
        if body is not None:
            options["json"] = body
        return self._http.request(method, path, headers=headers, **options)

    def create(self, title: str = "Horário", **parts: Any) -> dict[str, Any]:
        answer = self.ask("POST", "/knowledge", entry(title, **parts))
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]


def entry(title: str = "Horário", **parts: Any) -> dict[str, Any]:
    return {"category": "faq", "title": title, "content": "Atendemos das 8h às 20h.", **parts}
