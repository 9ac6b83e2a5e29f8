"""What the terminal client does when frames come late, twice, or not at all."""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.script import Frame, message
from tests.server import eventually
from tests.terminal.scripted import Script
from tests.terminal.shell import Terminal, piped

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


def write_slowly(script: Script, frame: Frame) -> None:
    script.accept(frame)
    script.begin()
    script.words("começo da resposta")


def test_words_are_written_as_they_come(terminal: OpenTerminal) -> None:
    with Script(sendMessage=write_slowly).running() as script:
        person = terminal("--url", script.url)
        person.until("você> ")
        person.type("oi")
        person.until("começo da resposta")
        script.words(" e fim", 1)
        person.until(" e fim")
        script.reply("começo da resposta e fim", suggestions=["Outra?"])
        assert person.until("você> ").count("começo") == 0


def test_ctrl_c_stops_the_reply_and_the_conversation_goes_on(terminal: OpenTerminal) -> None:
    def cancel(script: Script, frame: Frame) -> None:
        script.reply("começo da resposta", finish="cancelled")

    with Script(sendMessage=write_slowly, cancelReply=cancel).running() as script:
        person = terminal("--url", script.url)
        person.until("você> ")
        person.type("oi")
        person.until("começo da resposta")
        person.press_ctrl_c()
        person.until("[interrompida]")
        person.until("você> ")
        assert script.actions("cancelReply")[0]["messageId"] == "q2"
        person.type("/sair")
        assert person.ended() == 0


def test_a_second_ctrl_c_leaves_whatever_happens(terminal: OpenTerminal) -> None:
    with Script(sendMessage=write_slowly).running() as script:  # deaf to cancelReply
        person = terminal("--url", script.url)
        person.until("você> ")
        person.type("oi")
        person.until("começo da resposta")
        person.press_ctrl_c()
        eventually(lambda: script.actions("cancelReply"))
        person.press_ctrl_c()
        assert person.ended() == 130


def test_replaced_text_is_marked(terminal: OpenTerminal) -> None:
    def fail_midway(script: Script, frame: Frame) -> None:
        write_slowly(script, frame)
        script.begin(attempt=2)
        script.words("outra resposta")
        script.reply("outra resposta", finish="fallback")

    with Script(sendMessage=fail_midway).running() as script:
        person = terminal("--url", script.url)
        person.until("você> ")
        person.type("oi")
        answer = person.until("você> ")
    assert "[o texto acima foi substituído]\noutra resposta\n[resposta da base de conhecimento]" in answer


def test_a_lost_connection_goes_on_where_it_was(terminal: OpenTerminal) -> None:
    def join(script: Script, frame: Frame) -> None:
        script.greet(frame)
        if "resumeToken" in frame:
            script.begin()
            script.words("começo da resposta e mais", 4)
            script.reply("começo da resposta e mais um fim")

    def drop(script: Script, frame: Frame) -> None:
        write_slowly(script, frame)
        script.hang_up()

    with Script(startSession=join, sendMessage=drop).running() as script:
        person = terminal("--url", script.url)
        person.until("você> ")
        person.type("oi")
        answer = person.until("você> ")
        again = script.actions("startSession")[1]
    assert "[reconectando" in answer and answer.rstrip().endswith("fim\n\nvocê>")
    assert (again["resumeToken"], again["lastSeq"]) == ("t1", 2)
    assert len(script.actions("sendMessage")) == 1


def test_an_answer_that_overtakes_everything_is_still_the_answer() -> None:
    def hurry(script: Script, frame: Frame) -> None:
        script.reply("resposta adiantada")
        script.reply("resposta adiantada")
        script.accept(frame)

    with Script(sendMessage=hurry).running() as script:
        done = piped("--url", script.url, lines="oi\n")
    assert (done.returncode, done.stdout) == (0, "resposta adiantada\n")


def test_too_many_messages_wait_as_long_as_they_are_told_to() -> None:
    def refuse_once(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) == 1:
            refusal = {"code": "rate_limited", "message": "Devagar", "retryAfter": 1.2}
            return script.say("error", clientMessageId=frame["clientMessageId"], **refusal)
        script.accept(frame)
        return script.reply("agora sim")

    with Script(sendMessage=refuse_once).running() as script:
        done = piped("--url", script.url, lines="oi\n")
        first, second = script.actions("sendMessage")
    assert done.stdout == "agora sim\n" and "espero 1 s" in done.stderr
    assert first["clientMessageId"] == second["clientMessageId"]


def test_a_gateways_own_error_sends_the_same_message_again() -> None:
    def stumble_once(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) == 1:
            return script.say_raw({"message": "Internal server error", "connectionId": "c", "requestId": "r"})
        script.accept(frame)
        return script.reply("agora sim")

    with Script(sendMessage=stumble_once).running() as script:
        done = piped("--url", script.url, lines="oi\n")
        ids = {frame["clientMessageId"] for frame in script.actions("sendMessage")}
    assert done.stdout == "agora sim\n" and len(ids) == 1


def test_an_expired_conversation_starts_anew_with_the_same_question() -> None:
    def expire_once(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) == 1:
            return script.say("error", code="session_expired", message="x", clientMessageId=frame["clientMessageId"])
        script.accept(frame)
        return script.reply("agora sim")

    with Script(sendMessage=expire_once).running() as script:
        done = piped("--url", script.url, lines="oi\n")
        assert "resumeToken" not in script.actions("startSession")[1]
    assert done.stdout == "agora sim\n" and "expirou" in done.stderr


def test_a_refused_question_is_one_sentence_and_status_1() -> None:
    def refuse(script: Script, frame: Frame) -> None:
        refusal = {"code": "too_large", "message": "A mensagem é longa demais."}
        script.say("error", clientMessageId=frame["clientMessageId"], **refusal)

    with Script(sendMessage=refuse).running() as script:
        done = piped("--url", script.url, lines="oi\n")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "A mensagem é longa demais.\n")


def test_json_is_the_frame_as_it_was_received() -> None:
    def answer(script: Script, frame: Frame) -> None:
        script.accept(frame)
        script.reply("olá ☕", later="a field of tomorrow")

    with Script(sendMessage=answer).running() as script:
        done = piped("--url", script.url, "--json", "oi")
    assert json.loads(done.stdout)["later"] == "a field of tomorrow"
    assert done.stdout.count("\n") == 1 and "☕" in done.stdout


def test_text_cannot_drive_the_terminal(terminal: OpenTerminal) -> None:
    def attack(script: Script, frame: Frame) -> None:
        script.accept(frame)
        script.begin()
        script.words("\x1b]0;outro título\x07\x9b2Jolá")
        script.reply("\x1b]0;outro título\x07\x9b2Jolá", suggestions=["\x1b[31mvermelho"])

    with Script(sendMessage=attack).running() as script:
        person = terminal("--url", script.url, "--no-color")
        person.until("você> ")
        before = len(person.raw)
        person.type("oi")
        person.until("você> ")
    shown = person.raw[before:].replace("\x1b[?2004h", "").replace("\x1b[?2004l", "")
    assert "\x1b" not in shown and "\x07" not in shown and "\x9b" not in shown


def test_what_an_operator_says_appears_above_what_is_being_typed(terminal: OpenTerminal) -> None:
    with Script().running() as script:
        person = terminal("--url", script.url)
        person.until("você> ")
        script.say("message", **{**message("Aqui é a Ana", 2), "sender": "operator"})
        person.until("Aqui é a Ana")
        person.until("você> ")
        person.type("/sair")
        assert person.ended() == 0
