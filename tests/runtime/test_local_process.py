"""The process: its command line, how it refuses, and how it stops."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from local_browsers import browser, ending, hear, identify, in_thread, order, play
from local_runtime import APPS, CEILING, ROOT, Running, Start, refused
from websockets.exceptions import InvalidHandshake

from runtime import options

# Two runtimes that start together may both get the address; only one can listen.
TAKES_THE_PORT = """
import socket
from chalice import Chalice
app = Chalice("a")
def attach(host):
    global other
    other = socket.create_server(("127.0.0.1", int(host.url.rpartition(":")[2])))
"""


def test_help_says_a_sentence_for_every_option() -> None:
    done = subprocess.run([sys.executable, "-m", "runtime", "--help"], cwd=ROOT, text=True, capture_output=True)
    assert done.returncode == 0
    for action in options._parser()._actions:
        assert action.help and (action.help.endswith(".") or action.dest == "help"), action.dest
        assert (action.option_strings or ["APP_FILE"])[-1] in done.stdout


def test_attach_names_the_place_and_its_lines_come_once_it_listens(shared: Running) -> None:
    assert shared.out[0] == f"foreign at {shared.url} stage dev\n"
    assert shared.out[1] == "second line\n"
    assert httpx.get(f"{shared.url}/cookies").status_code == 203


def test_without_attach_a_line_says_where(start: Start) -> None:
    running = start(app="silent")
    assert running.out[0] == f"silent runs at {running.url}\n"
    assert httpx.get(running.url).text == "here"


def test_a_taken_port_is_one_sentence_and_status_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, error = refused(APPS / "foreign.py", "--port", port, "--data-dir", tmp_path)
    assert status == 2
    assert error.count("\n") == 1
    assert str(port) in error and "--port" in error


def test_a_missing_file_is_one_sentence_and_status_2(tmp_path: Path) -> None:
    status, error = refused(tmp_path / "none.py", "--port", 0)
    assert (status, error.count("\n")) == (2, 1)
    assert "none.py" in error


@pytest.mark.parametrize(
    ("source", "status", "expected"),
    [
        ("x = 1\n", 2, "holds no Chalice objects"),
        ("from chalice import Chalice\na = Chalice('a')\nb = Chalice('b')\n", 2, "holds 2 Chalice objects"),
        ("raise ValueError('PORT is not a number\\nKEY is missing')\n", 2, "PORT is not a number\nKEY is missing\n"),
        (
            "from chalice import Chalice\napp = Chalice('a')\ndef attach(host):\n    raise ValueError(host.stage)\n",
            2,
            "dev\n",
        ),
        ("raise RuntimeError('a bug')\n", 1, "Traceback"),
        (TAKES_THE_PORT, 2, "Cannot listen on 127.0.0.1:"),
        (
            "from chalice import Chalice\napp = Chalice('a')\n@app.schedule('often')\ndef f(e): pass\n",
            2,
            "The schedule 'often' is not one that AWS takes",
        ),
    ],
)
def test_an_app_that_cannot_run(tmp_path: Path, source: str, status: int, expected: str) -> None:
    file = tmp_path / "app.py"
    file.write_text(source)
    got, error = refused(file, "--port", 0, "--data-dir", tmp_path)
    assert got == status
    assert expected in error
    assert ("Traceback" in error) == (status == 1)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, error = refused(APPS / "foreign.py", "--port", 0, "--data-dir", tmp_path / "file")
    assert (status, error.count("\n")) == (2, 1)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_functions_finish_tells_browsers_and_ends_with_0(start: Start, sent: signal.Signals) -> None:
    running = start()

    async def story() -> None:
        async with browser(running) as socket:
            connection_id = await identify(running, socket)
            await order(socket, do="wait", gate="work")
            await in_thread(running.wait_for, "waiting")
            running.process.send_signal(sent)
            await in_thread(running.wait_until_closed)
            await order(socket, do="echo", too="late")
            await in_thread(running.open, "work")
            assert await hear(socket) == {"passed": "work"}
            assert await ending(socket) == (1001, "Going away")
        assert await in_thread(running.ended) == 0
        context = running.seen("disconnect")[0]["requestContext"]
        assert (context["connectionId"], context["disconnectStatusCode"]) == (connection_id, 1001)
        assert not any("late" in event["body"] for event in running.seen("message"))

    play(story())
    assert running.err == []


def test_a_stop_waits_no_longer_than_it_is_told(start: Start) -> None:
    running = start("--drain-seconds", "0.3")

    async def story() -> None:
        async with browser(running) as socket:
            await order(socket, do="wait", gate="never")
            await in_thread(running.wait_for, "waiting")
            running.process.terminate()
            assert await ending(socket) == (1001, "Going away")
        assert await in_thread(running.ended) == 0

    play(story())
    assert running.err == []


def test_a_rest_request_in_flight_is_answered(start: Start) -> None:
    running = start()

    async def story() -> None:
        async with httpx.AsyncClient(timeout=CEILING) as client:
            asking = asyncio.ensure_future(client.get(f"{running.url}/slow/rest"))
            await in_thread(running.wait_for, "waiting")
            running.process.terminate()
            await in_thread(running.wait_until_closed)
            running.open("rest")
            assert (await asking).json() == {"passed": "rest"}
        assert await in_thread(running.ended) == 0

    play(story())


def test_a_second_ctrl_c_ends_at_once(start: Start) -> None:
    running = start()

    async def story() -> None:
        async with browser(running) as socket:
            await order(socket, do="wait", gate="never")
            await in_thread(running.wait_for, "waiting")
            running.process.send_signal(signal.SIGINT)
            await in_thread(running.wait_until_closed)
            running.process.send_signal(signal.SIGINT)
            assert await in_thread(running.ended) == 130

    play(story())
    assert running.err == []


def test_many_browsers_come_and_go(start: Start) -> None:
    running = start()

    async def one(number: int) -> Any:
        async with browser(running) as socket:
            await socket.send(str(number))
            return await hear(socket)

    async def story() -> None:
        assert await asyncio.gather(*map(one, range(100))) == list(range(100))

    play(story())
    assert running.stop() == 0
    assert len(running.seen("disconnect")) == 100


def test_nothing_answers_after_the_end(start: Start) -> None:
    running = start()
    assert running.stop() == 0

    async def story() -> None:
        with pytest.raises((OSError, InvalidHandshake)):
            async with browser(running):
                pass

    play(story())


def test_it_takes_as_many_files_as_the_machine_allows(shared: Running) -> None:
    limits = Path(f"/proc/{shared.process.pid}/limits").read_text()
    (soft, hard) = re.findall(r"Max open files +(\d+) +(\d+)", limits)[0]
    assert soft == hard


def test_where_only_few_files_may_be_open_it_says_so(tmp_path: Path) -> None:
    command = f"ulimit -n 400 && exec {sys.executable} -m runtime --help"
    told = subprocess.run(["sh", "-c", command], cwd=ROOT, text=True, capture_output=True, timeout=CEILING)
    assert told.returncode == 0 and not told.stderr
    command = command.replace("--help", f"{tmp_path}/none.py")
    told = subprocess.run(["sh", "-c", command], cwd=ROOT, text=True, capture_output=True, timeout=CEILING)
    assert told.stderr.startswith("Only 400 files may be open here, which is enough for some 200 browsers at once;")
