"""A server of the terminal client's own, with whatever processes it starts."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from types import FrameType
from typing import IO
from urllib.parse import urlsplit

from runtime.chat_socket import Unreachable
from runtime.chat_view import Say

START_SECONDS = 60.0
STOP_SECONDS = 40.0  # the runtime drains for 35


@contextlib.contextmanager
def a_server(command: str, url: str, say: Say) -> Iterator[None]:
    """A server of our own where none answers, ended when we leave. Raises Unreachable when it does not come up."""
    if not command or listens(url):
        yield
        return
    with log_file() as log:
        print(say("starting", log=log.name), file=sys.stderr)
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGHUP, _leave)
        server = Server(command, url, log, say)
        try:
            server.wait_until_it_listens()
            yield
        finally:
            server.stop()


def log_file() -> IO[bytes]:
    """It stays: whoever wonders why a server ended finds it."""
    return tempfile.NamedTemporaryFile(prefix="chat-server-", suffix=".log", delete=False)


def listens(url: str) -> bool:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


class Server:
    """A command in a group of processes of its own. Raises Unreachable when it cannot be run."""

    def __init__(self, command: str, url: str, log: IO[bytes], say: Say) -> None:
        self._url = url
        self._failure = say("unstarted", url=url, log=log.name)
        try:
            self._process = subprocess.Popen(
                shlex.split(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        except (OSError, ValueError) as error:
            raise Unreachable(self._failure) from error

    @property
    def number(self) -> int:
        return self._process.pid

    def wait_until_it_listens(self) -> None:
        """Raises Unreachable."""
        until = time.monotonic() + START_SECONDS
        while not listens(self._url):
            if self._process.poll() is not None or time.monotonic() > until:
                raise Unreachable(self._failure)
            time.sleep(0.1)

    def kill(self) -> None:
        """As a crash: no process of the group gets to do anything more."""
        self._send(signal.SIGKILL)
        self._process.wait(STOP_SECONDS)

    def stop(self) -> None:
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            self._send(signal_number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
                return

    def _send(self, signal_number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal_number)


def _leave(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
