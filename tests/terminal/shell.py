"""The terminal client as a person runs it: through a pipe, or on a terminal of its own."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENT = [sys.executable, "-m", "runtime.chat"]
CEILING = 30.0

# Opening its terminal by name makes it the one whose Ctrl-C reaches the client.
ON_A_TERMINAL = (
    "import os, sys; os.open(os.ttyname(0), os.O_RDWR); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


def piped(*arguments: str, lines: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CLIENT, *arguments], cwd=ROOT, input=lines, capture_output=True, text=True, timeout=CEILING + 60, check=False
    )


class Terminal:
    def __init__(self, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_A_TERMINAL, *CLIENT[1:], *arguments],
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", "PYTHONIOENCODING": "utf-8"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._raw = b""
        self._from = 0

    @property
    def screen(self) -> str:
        """All that was printed, without colours."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self._raw.decode(errors="replace")).replace("\r", "")

    @property
    def raw(self) -> str:
        return self._raw.decode(errors="replace")

    def until(self, text: str, ceiling: float = CEILING) -> str:
        """What was printed since the last call, up to and with `text`."""
        end = time.monotonic() + ceiling
        while text not in self.screen[self._from :]:
            assert time.monotonic() < end, f"{text!r} did not come; the screen:\n{self.screen}"
            self._take_in()
        start, self._from = self._from, self.screen.index(text, self._from) + len(text)
        return self.screen[start : self._from]

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode() + b"\n")

    def press_ctrl_c(self) -> None:
        """As soon as the client waits: CPython overlooks a signal between the prompt and the wait for a key."""
        end = time.monotonic() + CEILING
        while Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "S":
            assert time.monotonic() < end, self.screen
            time.sleep(0.01)
        os.write(self._ours, b"\x03")

    def ended(self) -> int:
        end = time.monotonic() + CEILING
        while self.process.poll() is None:
            assert time.monotonic() < end, self.screen
            self._take_in()
        self.close()
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._ours >= 0:
            os.close(self._ours)
        self._ours = -1

    def _take_in(self) -> None:
        if select.select([self._ours], [], [], 0.05)[0]:
            try:
                self._raw += os.read(self._ours, 65536)
            except OSError:  # the other side is gone
                time.sleep(0.05)
