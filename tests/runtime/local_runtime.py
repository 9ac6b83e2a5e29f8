"""A real runtime in a process of its own, and ways to see what its functions saw."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

CEILING = 30.0  # seconds; no wait in these tests is longer, and none is meant to come near
APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parents[2]
SIGNATURE = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}  # moto takes whatever a request is signed with


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + CEILING
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen")


class Running:
    """A runtime process. `seen` reads what the foreign app wrote down."""

    def __init__(self, folder: Path, app: Path | str, options: tuple[str, ...], **settings: str) -> None:
        """Run an app by its file, or one of those beside this module by its name."""
        self.journal = folder / "journal"
        self.journal.touch()
        file = app if isinstance(app, Path) else APPS / f"{app}.py"
        command = [sys.executable, "-m", "runtime", str(file), "--port", "0", "--data-dir", str(folder)]
        environment = {"PATH": os.environ["PATH"], "FOREIGN_JOURNAL": str(self.journal), **SIGNATURE, **settings}
        self.process = subprocess.Popen(
            [*command, *options], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()
        try:
            eventually(lambda: self._addresses() or self.process.poll() is not None)
            assert self.process.poll() is None, "".join(self.err)
        except AssertionError:
            self.process.terminate()
            raise
        self.url = self._addresses()[0]
        self.ws = self.url.replace("http", "ws") + "/ws"

    def _addresses(self) -> list[str]:
        return [word for line in list(self.out) for word in line.split() if word.startswith("http://")]

    @property
    def workers(self) -> list[int]:
        """The first processes of the workers, by index."""
        return [int(number) for number in re.findall(r"\d+", self.out[0])] if "Workers" in self.out[0] else []

    @staticmethod
    def _read(stream: Any, lines: list[str]) -> None:
        with stream:
            lines.extend(iter(stream.readline, ""))

    def seen(self, kind: str) -> list[Any]:
        whole, _, _ = self.journal.read_text().rpartition("\n")  # the last line may still be being written
        lines = map(json.loads, whole.splitlines())
        return [line["what"] for line in lines if line["kind"] == kind]

    def wait_for(self, kind: str, fits: Callable[[Any], bool] = lambda what: True) -> Any:
        return eventually(lambda: [what for what in self.seen(kind) if fits(what)])[0]

    def open(self, gate: str) -> None:
        self.journal.with_name(f"{gate}.open").touch()

    def events_of(self, kind: str, connection_id: str) -> list[Any]:
        return [event for event in self.seen(kind) if event["requestContext"]["connectionId"] == connection_id]

    def management(self, stage: str = "dev") -> Any:
        return boto3.client(
            "apigatewaymanagementapi",
            endpoint_url=f"{self.url}/{stage}",
            region_name="local",
            config=Config(retries={"total_max_attempts": 1}),  # boto3 would try again after a 429
            aws_access_key_id="none",
            aws_secret_access_key="none",
        )

    def wait_until_closed(self) -> None:
        """Until the runtime takes no new connections, which is when it has begun to stop."""
        port = int(self.url.rpartition(":")[2])
        eventually(lambda: not _answers(port))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(CEILING)
        for reader in self._readers:
            reader.join(CEILING)
        return status

    def kill(self) -> None:
        self.process.kill()
        self.ended()

    def kill_all(self) -> None:
        """As when the machine goes down: the parent first, so that it starts no successors."""
        self.process.kill()
        self.process.wait(CEILING)
        for worker in self.workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self.ended()


def _answers(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0


Start = Callable[..., Running]


def refused(*arguments: object) -> tuple[int, str]:
    """The exit status and stderr of a runtime that does not come up."""
    command = [sys.executable, "-m", "runtime", *map(str, arguments)]
    environment = {"PATH": os.environ["PATH"], "FOREIGN_JOURNAL": os.devnull, **SIGNATURE}
    ended = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=CEILING)
    return ended.returncode, ended.stderr
