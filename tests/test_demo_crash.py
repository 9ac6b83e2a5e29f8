"""`make demo-crash`: the reply of a killed process is completed by the next one, in front of whoever watches."""

import re
import socket

from tests.clone import make
from tests.server import ROOT


def test_the_reply_completes_in_the_next_process() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    shown = make(ROOT, "-s", "demo-crash", f"PORT={port}")
    assert shown.returncode == 0, shown.stderr
    first, killed, second = re.findall(r"\[process (\d+)", shown.stdout)
    assert first == killed != second
    before, _, after = shown.stdout.partition("was killed in the middle of the reply")
    assert "R$" in before and "Source: " not in before and "Source: " in after
    assert shown.stdout.endswith("[the reply is whole, and stored once]\n")


def test_it_does_not_touch_what_runs_there_already() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shown = make(ROOT, "-s", "demo-crash", f"PORT={port}")
    assert shown.returncode != 0 and f"127.0.0.1:{port}" in shown.stderr
