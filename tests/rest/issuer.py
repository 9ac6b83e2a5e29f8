"""An OpenID Connect issuer of one's own: its configuration, its keys, and tokens signed with them."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

AUDIENCE = "chat-admin"


class Issuer:
    """`asked` has the paths that were asked for; `rotate` replaces the key; `silent` answers nothing any more."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.silent = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Published", (_Published,), {"issuer": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.rotate()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def rotate(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = f"key-{time.monotonic_ns()}"

    def published(self, path: str) -> Any:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        return {
            "keys": [{**RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True), "kid": self.key_id, "use": "sig"}]
        }

    def token(self, **claims: Any) -> str:
        """A good token of an administrator, but for `claims`; one that is None is left out."""
        now = int(time.time())
        said = {"iss": self.url, "aud": AUDIENCE, "sub": "ana", "exp": now + 300, "roles": ["admin"], **claims}
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(kept, self.key, "RS256", {"kid": self.key_id})


class _Published(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self) -> None:
        self.issuer.asked.append(self.path)
        if self.issuer.silent:
            self.close_connection = True
            return
        body = json.dumps(self.issuer.published(self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
