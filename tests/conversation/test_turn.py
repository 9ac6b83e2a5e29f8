"""A conversation over a real socket, as a person has it."""

import json
import uuid
from urllib.request import urlopen

import pytest
from websockets.exceptions import InvalidStatus

from tests.browser import joined
from tests.server import Server, eventually, stored


@pytest.mark.requirement("R2.1", "R2.4", "R3.1", "R5.1")
def test_a_question_is_answered_word_by_word_and_stored(server: Server) -> None:
    with server.visit(context={"url": f"{server.url}/", "title": "Início"}) as browser:
        assert "Sophie" in browser.session["history"][0]["content"]
        reply = browser.ask("quanto custa um encanador?")
        deltas = browser.deltas_of(reply["messageId"])
        assert [d["index"] for d in deltas] == list(range(len(deltas))) and len(deltas) >= 2
        assert joined(deltas) == reply["content"] and "R$ 120" in reply["content"]
        assert len(reply["suggestions"]) == 3 and reply["actions"] and reply["sources"]
        messages = stored(server, browser)
        assert [m["seq"] for m in messages] == [1, 2, 3] and messages[-1] == {**reply}


@pytest.mark.requirement("R2.3")
@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("quanto custa um encanador?", "service-encanamento"),
        ("faxina", "service-limpeza"),
        ("cartao", "faq-formas-de-pagamento"),
        ("preciso de eletricista urgente", "service-eletrica"),
        ("tá vazando água na pia", "service-encanamento"),
        ("Quanto custa uma limpeza?", "service-limpeza"),
    ],
)
def test_everyday_questions_find_their_entry(server: Server, question: str, entry: str) -> None:
    with server.visit() as browser:
        assert browser.ask(question)["sources"][0]["entryId"] == entry


@pytest.mark.requirement("R6.1", "R6.2", "R6.3")
def test_what_the_knowledge_does_not_have_is_said_plainly(server: Server) -> None:
    with server.visit() as browser:
        reply = browser.ask("quem ganhou o jogo ontem à noite?")
        assert "Não encontrei" in reply["content"] and not reply["sources"] and reply["contact"]["email"]


@pytest.mark.requirement("R5.2")
def test_a_follow_up_is_about_the_subject_of_the_conversation(server: Server) -> None:
    with server.visit() as browser:
        browser.ask("preciso de uma faxina")
        assert "R$ 150" in browser.ask("e quanto custa?")["content"]
        duration = browser.ask("e quanto tempo demora?")
        assert "6 a 8 horas" in duration["content"] and "R$" not in duration["content"]


def test_questions_are_answered_in_the_order_they_were_asked(server: Server) -> None:
    with server.visit() as browser:
        accepted = [browser.outcome_of(browser.say(text)) for text in ("faxina", "cartao", "encanador")]
        replies = [browser.answer_of(one["messageId"]) for one in accepted]
        assert [r["sources"][0]["entryId"] for r in replies] == [
            "service-limpeza",
            "faq-formas-de-pagamento",
            "service-encanamento",
        ]
        assert [m["seq"] for m in stored(server, browser)] == list(range(1, 8))


@pytest.mark.requirement("R5.1")
def test_the_conversation_survives_a_restart(start) -> None:  # type: ignore[no-untyped-def]
    first = start()
    with first.visit() as browser:
        reply = browser.ask("faxina")
    assert first.stop() == 0
    second = start()
    with second.browser() as back:
        session = back.start(resumeToken=browser.resume_token)
        assert session["resumed"] and session["history"][-1] == reply
        assert back.ask("cartao")["seq"] == 5


def test_two_tabs_see_the_same(server: Server) -> None:
    with server.visit() as one, server.browser() as two:
        two.start(resumeToken=one.resume_token)
        reply = one.ask("quanto custa pintar um quarto?")
        seen = two.answer_of(reply["inReplyTo"])
        assert seen == reply and joined(two.deltas_of(reply["messageId"])) == reply["content"]
        assert any(f.get("sender") == "user" for f in two.frames)


def test_what_was_missed_comes_after_resuming_with_last_seq(server: Server) -> None:
    with server.visit() as browser:
        browser.ask("faxina")
        with server.browser() as back:
            session = back.start(resumeToken=browser.resume_token, lastSeq=1)
            assert session["history"] == []
            assert [back.receive()["seq"] for _ in range(2)] == [2, 3]


def test_a_stranger_with_the_session_id_is_forbidden(server: Server) -> None:
    with server.visit() as browser, server.browser() as stranger:
        assert stranger.start(resumeToken=browser.session["sessionId"])["code"] == "forbidden"
        stranger.send("sendMessage", clientMessageId=str(uuid.uuid4()), content="oi")
        assert stranger.until_type("error")["code"] == "no_session"


def test_after_the_end_nothing_is_accepted_and_a_new_one_can_begin(server: Server) -> None:
    with server.visit() as browser:
        browser.send("rateSession", rating=5, comment="ótimo")
        assert browser.until_type("ratingSaved")["rating"] == 5
        browser.send("endSession")
        browser.until_type("sessionEnded")
        sent = browser.say("ainda aí?")
        assert browser.outcome_of(sent)["code"] == "session_expired"
        assert browser.start(resumeToken=browser.resume_token)["resumed"] is False
        assert browser.ask("faxina")["finish"] == "complete"


@pytest.mark.requirement("R3.4", "R6.4", "R7.1")
def test_every_small_action_is_answered(server: Server) -> None:
    with server.visit() as browser:
        reply = browser.ask("faxina")
        browser.send("ping", nonce="n1")
        assert browser.until_type("pong")["nonce"] == "n1"
        browser.send("giveFeedback", messageId=reply["messageId"], helpful=True)
        assert browser.until_type("feedbackSaved")["messageId"] == reply["messageId"]
        browser.send("trackAction", kind="link", target="/services/", messageId=reply["messageId"])
        browser.send("typing", isTyping=True)
        browser.send("updateContext", context={"url": f"{server.url}/nada", "errorStatus": 404})
        assert "404" in browser.until_type("message")["content"]


def test_one_message_id_in_two_conversations_is_two_messages(server: Server) -> None:
    same = str(uuid.uuid4())
    for _ in range(2):
        with server.visit() as browser:
            assert browser.ask("faxina", client_message_id=same)["finish"] == "complete"


def test_sockets_that_break_while_starting_leave_nobody_behind(start) -> None:  # type: ignore[no-untyped-def]
    server = start()
    for _ in range(60):
        with server.browser() as browser:
            browser.send("startSession")
            browser.break_off()

    def active() -> int:
        with urlopen(f"{server.url}/api/v1/health", timeout=5) as answer:
            return int(json.load(answer)["activeSessions"])

    assert eventually(lambda: active() == 0)


def test_two_tabs_that_end_and_ask_at_once_leave_no_question_open(server: Server) -> None:
    for _ in range(20):
        with server.visit() as one, server.browser() as two:
            two.start(resumeToken=one.resume_token)
            sent = one.say("quanto custa uma faxina?")
            two.send("endSession")
            two.until_type("sessionEnded")
            outcome = one.outcome_of(sent)
            if outcome["type"] == "accepted":
                assert one.answer_of(outcome["messageId"])["finish"] in ("cancelled", "complete")


def test_a_page_of_another_site_is_refused_and_the_log_names_the_setting(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        server.browser(origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403
    assert eventually(lambda: "ALLOWED_ORIGINS" in server.log.read_text())


def test_the_page_works_by_any_name_of_this_machine(server: Server) -> None:
    port = server.url.rpartition(":")[2]
    for name in ("localhost", "127.0.0.1", "192.168.7.7", "my-tunnel.example"):
        headers = {"Host": f"{name}:{port}"}
        with server.browser(origin=f"http://{name}:{port}", additional_headers=headers) as browser:
            assert browser.start()["type"] == "session"


def test_the_log_has_no_words_tokens_or_keys(start) -> None:  # type: ignore[no-untyped-def]
    server = start()
    with server.visit() as browser:
        browser.ask("palavra-secreta-do-cliente faxina")
        token = browser.resume_token
    server.stop()
    log = server.log.read_text() + server.printed().split("Administrator key")[1].partition("\n")[2]
    assert '"message":"reply.stored"' in log and all(json.loads(line) for line in server.log.read_text().splitlines())
    for secret in ("palavra-secreta", "limpeza cuida", token, (server.data_dir / "token-key").read_text().strip()):
        assert secret not in log
