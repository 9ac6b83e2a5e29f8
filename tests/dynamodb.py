"""A DynamoDB table for one test, and a wire to a service that counts requests and can lose answers."""

import itertools
import select
import socket
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from msgspec.structs import replace

from chalicelib.settings import Settings, from_environment

SIGNATURE = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}  # moto takes whatever a request is signed with
PATIENCE = "10"  # seconds; a busy machine's moto may take longer over an answer than DynamoDB ever does

Headers = dict[str, str]
Answer = tuple[int, bytes]  # status and body
Gone = Callable[[], bool]

_number = itertools.count(1)

# moto looks at a condition and writes in two steps, and in a race two writers can both pass (seen). DynamoDB
# does it in one, so the wire lets one write through at a time.
WRITES = frozenset(("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"))
_one_write = threading.Lock()


class Table:
    """A new table at `endpoint`; `settings` lead to it through a wire of its own."""

    def __init__(self, endpoint: str) -> None:
        from chalicelib.adapters.dynamodb_tables import create_tables  # slow to import, and most tests do without

        self.wire = Wire(endpoint)
        there = {"STORE": "dynamodb", "DYNAMODB_TABLE": f"test-{next(_number)}", "DYNAMODB_READ_SECONDS": PATIENCE}
        self.direct: Settings = from_environment({**there, "DYNAMODB_ENDPOINT_URL": endpoint})
        self.settings = replace(self.direct, dynamodb_endpoint_url=self.wire.url)
        self.variables = {**there, "DYNAMODB_ENDPOINT_URL": self.wire.url, **SIGNATURE}  # of a process that uses it
        create_tables(self.direct)

    def close(self) -> None:
        self.wire.close()


class Wire:
    """Passes HTTP requests on to `upstream`."""

    def __init__(self, upstream: str) -> None:
        self.requests: Counter[str] = Counter()  # by operation, each try for itself
        self.lost: Counter[str] = Counter()  # how many of the next answers to an operation do not come back
        self.about = b""  # of those to requests that have this in them
        self.upstream = upstream
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Carrier", (_Carrier,), {"wire": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def carry(self, operation: str, headers: Headers, body: bytes, gone: Gone) -> Answer:
        """The answer to one request; `gone` tells whether nobody waits for it any more."""
        with _one_write if operation in WRITES else nullcontext():
            return self.pass_on(headers, body)

    def pass_on(self, headers: Headers, body: bytes) -> Answer:
        request = urllib.request.Request(self.upstream, body, headers)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def counted(self) -> dict[str, int]:
        """The requests since the last call."""
        seen, self.requests = self.requests, Counter()
        return dict(seen)


class _Carrier(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece; in two, the second waits 40 ms for the first one's acknowledgement
    wire: Wire

    def do_POST(self) -> None:
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        self.wire.requests[operation] += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        own = ("host", "connection", "content-length")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in own}
        status, answer = self.wire.carry(operation, headers, body, self._gone)
        if self.wire.lost[operation] and self.wire.about in body:
            self.wire.lost[operation] -= 1
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _gone(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def log_message(self, *_: object) -> None:
        pass
