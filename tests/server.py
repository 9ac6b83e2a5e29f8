"""The product under its runtime, in a process of its own, as `make run` starts it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.browser import Browser, Frame

ROOT = Path(__file__).parents[1]
CEILING = 30.0  # seconds; no wait is longer
SETTINGS = {
    "STAGE": "test",
    "LOG_LEVEL": "DEBUG",
    "TYPING_PAUSE_MS": "0",
    "CACHE_TTL_SECONDS": "0",
    "DELTA_INTERVAL_MS": "20",
    "RATE_LIMIT_MESSAGES_PER_MINUTE": "6000",
    "RATE_LIMIT_BURST": "1000",
    "RATE_LIMIT_PER_IP": "60000",
    "RATE_LIMIT_ACTIONS_PER_MINUTE": "60000",
    "MAX_CONNECTIONS_PER_IP": "100000",
    "MAX_CONCURRENT_SESSIONS": "10000",
    "MAX_CONNECTIONS_PER_USER": "100",
}


class Server:
    """A running assistant. `log` is its log file, `lines` what it printed."""

    def __init__(self, data_dir: Path, workers: int = 1, faults: str = "", **settings: str) -> None:
        """Start it; every test setting above can be overridden, and only PATH is inherited."""
        self.data_dir = data_dir
        self.log = data_dir / "assistant.log"
        chosen = {**SETTINGS, "DATA_DIR": str(data_dir), "LOG_FILE": str(self.log), **settings}
        command = [sys.executable, "-m", "runtime", "app.py", "--port", "0", "--data-dir", str(data_dir)]
        if "QUEUE_URL" in chosen:
            command += ["--sqs-endpoint", chosen["QUEUE_URL"]]
        if faults:
            command += ["--faults", faults]
        self.process = subprocess.Popen(
            [*command, "--route", "sendMessage", "--workers", str(workers), "--redis-from", "REDIS_URL"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **chosen},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        ceiling = 2 * CEILING  # the first worker starts before the others; moto is slow to take in the knowledge
        try:
            eventually(lambda: self._line("Chat page") or self.process.poll() is not None, ceiling)
            if self.process.poll() is not None:
                self._reader.join(CEILING)
                raise AssertionError(self.printed())
        except AssertionError:
            self.process.kill()
            self.ended()
            raise
        self.url = self._line("Chat page").split()[-1].rstrip("/")
        self.ws_url = self.url.replace("http", "ws") + "/ws"

    @property
    def workers(self) -> list[int]:
        """The processes of the workers, by index, as they are printed."""
        found = [int(number) for number in re.findall(r"\d+", self._line("Workers"))]
        for index, successor in re.findall(r"Worker (\d+) ended .*; (\d+) takes its place", self.printed()):
            found[int(index)] = int(successor)
        return found

    def browser(self, **options: Any) -> Browser:
        return Browser(self.ws_url, **options)

    def visit(self, **fields: Any) -> Browser:
        """A browser with a conversation of its own."""
        browser = self.browser()
        browser.start(**fields)
        return browser

    def printed(self) -> str:
        return "".join(self.lines)

    def kill(self) -> None:
        """As a crash: no cleanup."""
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

    def stop(self) -> int:
        """As Ctrl-C: the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(CEILING + 10)
        self._reader.join(CEILING)
        return status

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as out:
            self.lines.extend(iter(out.readline, ""))

    def _line(self, start: str) -> str:
        return next((line for line in list(self.lines) if line.startswith(start)), "")


def eventually(look: Callable[[], Any], ceiling: float = CEILING) -> Any:
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + ceiling
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen")


def stored(server: Server, browser: Browser) -> list[Frame]:
    """The whole conversation as a new tab would be given it, oldest first."""
    with server.browser() as reader:
        first = reader.start(resumeToken=browser.resume_token)
        messages: list[Frame] = list(first["history"])
        while messages and messages[0]["seq"] > 1:
            reader.send("loadHistory", before=messages[0]["messageId"])
            earlier = reader.until_type("history")["messages"]
            assert earlier, "history ended early"
            messages = [*earlier, *messages]
        return messages
