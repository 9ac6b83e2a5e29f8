"""The terminal client against the assistant itself."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server import Server, eventually
from tests.terminal.shell import CLIENT, ROOT, Terminal, piped

QUESTION = "quanto custa uma faxina?"
OpenTerminal = Callable[..., Terminal]


@pytest.fixture
def terminal() -> Iterator[OpenTerminal]:
    opened: list[Terminal] = []

    def begin(*arguments: str) -> Terminal:
        opened.append(Terminal(*arguments))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


def test_a_piped_question_prints_its_answer_then_links_and_sources(server: Server) -> None:
    done = piped("--url", server.ws_url, lines=f"{QUESTION}\n")
    answer, _, rest = done.stdout.rpartition("\n\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "R$" in answer and "Sophie" not in answer and ">" not in answer
    assert ": /" in rest or "http" in rest or "Fonte: " in rest
    assert "\x1b" not in done.stdout


def test_each_line_of_a_pipe_is_a_question(server: Server) -> None:
    done = piped("--url", server.ws_url, "--json", lines=f"{QUESTION}\n\nComo solicito um serviço?\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [answer["type"] for answer in answers] == ["message", "message"]
    assert "R$" in answers[0]["content"] and len(answers[0]["suggestions"]) == 3
    assert answers[0]["seq"] < answers[1]["seq"]


def test_a_question_can_be_an_argument(server: Server) -> None:
    done = piped("--url", server.ws_url, *QUESTION.split())
    assert done.returncode == 0 and "R$" in done.stdout


def test_an_english_locale_is_answered(server: Server) -> None:
    done = piped("--url", server.ws_url, "--locale", "en", lines=f"{QUESTION}\n")
    assert done.returncode == 0 and "R$" in done.stdout and "Fonte" not in done.stdout


def test_where_nothing_answers_one_sentence_says_what_to_do() -> None:
    url = f"ws://127.0.0.1:{free_port()}/ws"
    done = piped("--url", url, QUESTION)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and url in done.stderr and "--start" in done.stderr


def test_no_input_asks_nothing(server: Server) -> None:
    done = piped("--url", server.ws_url, lines="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_reader_that_leaves_early_is_no_error(server: Server) -> None:
    command = f"{' '.join(CLIENT)} --url {server.ws_url} | head -n 1"
    questions = f"{QUESTION}\n" * 3
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=ROOT,
        input=questions,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_conversation_on_a_terminal(server: Server, terminal: OpenTerminal) -> None:
    person = terminal("--url", server.ws_url)
    assert "Sophie" in person.until("você> ")
    person.type(QUESTION)
    answer = person.until("você> ")
    assert "R$" in answer and "1. " in answer and "2. " in answer
    suggestion = answer.split("1. ")[-1].splitlines()[0]
    person.type("1")
    assert len(person.until("você> ")) > len(suggestion)
    person.type("/util sim")
    person.until("[anotado, obrigada]")
    person.type("/nota 5 muito bom")
    person.until("[anotado, obrigada]")
    person.type("/nota 9")
    person.until("/nota 1 a 5")
    person.type("/ajuda")
    person.until("/sair")
    person.type("/sair")
    assert person.ended() == 0


def test_a_new_conversation_greets_again(server: Server, terminal: OpenTerminal) -> None:
    person = terminal("--url", server.ws_url)
    person.until("você> ")
    person.type("/nova")
    assert "Sophie" in person.until("você> ")
    person.type(QUESTION)
    assert "R$" in person.until("você> ")
    person.type("/sair")
    assert person.ended() == 0


def test_what_is_not_said_is_dim_and_can_be_plain(server: Server, terminal: OpenTerminal) -> None:
    coloured, plain = terminal("--url", server.ws_url), terminal("--url", server.ws_url, "--no-color")
    for person in (coloured, plain):
        person.until("você> ")
        person.type(QUESTION)
        person.until("você> ")
    assert "\x1b[2m" in coloured.raw
    assert "\x1b[2m" not in plain.raw


def test_ctrl_c_and_end_of_input_leave_from_the_prompt(server: Server, terminal: OpenTerminal) -> None:
    person = terminal("--url", server.ws_url)
    person.until("você> ")
    person.press_ctrl_c()
    assert person.ended() == 0
    other = terminal("--url", server.ws_url)
    other.until("você> ")
    other.type("\x04")
    assert other.ended() == 0


def test_a_server_that_was_restarted_is_found_again(start: Callable[..., Server], terminal: OpenTerminal) -> None:
    first = start()
    person = terminal("--url", first.ws_url)
    person.until("você> ")
    person.type(QUESTION)
    person.until("você> ")
    first.stop()
    person.type("Como solicito um serviço?")
    person.until("[reconectando")
    port = first.ws_url.rsplit(":", 1)[1].split("/")[0]
    command = [sys.executable, "-m", "runtime", "app.py", "--port", port, "--data-dir", str(first.data_dir)]
    environment = {**os.environ, "DATA_DIR": str(first.data_dir), "LOG_FILE": str(first.log), "STAGE": "test"}
    again = subprocess.Popen(
        [*command, "--route", "sendMessage"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        answer = person.until("você> ")
        assert "Fonte: " in answer and "Sophie" not in answer
        person.type("/sair")
        assert person.ended() == 0
    finally:
        again.terminate()
        again.wait()


def test_a_server_of_ones_own_is_started_and_ended(tmp_path: Path) -> None:
    port = free_port()
    command = f"{sys.executable} -m runtime app.py --port {port} --data-dir {tmp_path} --route sendMessage"
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "LOG_FILE": str(tmp_path / "log"), "STAGE": "test"}
    done = subprocess.run(
        [*CLIENT, "--url", f"ws://127.0.0.1:{port}/ws", "--start", command, QUESTION],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0 and "R$" in done.stdout, done.stderr
    log = Path(done.stderr.split("registro em ")[1].split("]")[0])
    assert log.exists()
    log.unlink()
    eventually(lambda: not listens(port))


def test_a_start_command_that_fails_names_its_log() -> None:
    done = piped("--url", f"ws://127.0.0.1:{free_port()}/ws", "--start", f"{sys.executable} -c exit(3)", QUESTION)
    assert done.returncode == 1 and "chat-server-" in done.stderr.splitlines()[-1]
    Path(done.stderr.split("registro em ")[1].split("]")[0]).unlink()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
