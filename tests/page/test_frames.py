"""What a person sees when frames come late, out of order, twice, or not at all."""

from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import OpenPage
from tests.script import Frame, message
from tests.scripted import Script, soon


def say(page: Page, text: str) -> None:
    page.get_by_label("Escreva sua pergunta").fill(text)
    page.keyboard.press("Enter")


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def live(page: Page) -> Locator:
    return page.locator("#live")


def ready(page: Page) -> None:
    expect(page.get_by_role("status").first).to_have_text("On-line")


def test_what_overtakes_the_session_is_kept(open_page: OpenPage) -> None:
    def late(script: Script, frame: Frame) -> None:
        script.say("message", **message("Cheguei antes", 2))
        script.greet(frame, history=(message("Olá", 1),))

    page = open_page(socket=Script(startSession=late))
    expect(log(page).locator(".bubble")).to_have_text(["Olá", "Cheguei antes"])


def test_nothing_is_sent_before_the_session_has_come(open_page: OpenPage) -> None:
    script = Script(startSession=lambda *_: None)
    page = open_page(socket=script)
    say(page, "oi")
    page.wait_for_timeout(500)
    assert [frame["action"] for frame in script.sent] == ["startSession"]
    script.greet()
    soon(page, lambda: script.actions("sendMessage"))


def test_one_message_at_a_time_waits_to_be_accepted(open_page: OpenPage) -> None:
    script = Script()
    page = open_page(socket=script)
    ready(page)
    say(page, "primeira")
    say(page, "segunda")
    soon(page, lambda: script.actions("sendMessage"))
    page.wait_for_timeout(300)
    assert [frame["content"] for frame in script.actions("sendMessage")] == ["primeira"]
    script.accept(script.actions("sendMessage")[0])
    soon(page, lambda: len(script.actions("sendMessage")) == 2)
    assert script.actions("sendMessage")[1]["content"] == "segunda"


def test_words_appear_as_they_come_and_the_whole_message_has_the_last_word(open_page: OpenPage) -> None:
    script = Script(sendMessage=Script.accept)
    page = open_page(socket=script)
    ready(page)
    say(page, "oi")
    expect(page.get_by_text("Sophie está digitando")).to_be_visible()
    script.begin()
    script.words("um ", 0)
    script.words("três ", 2)
    script.words("dois ", 1)
    expect(live(page)).to_have_text("um dois três")
    script.reply("um **dois** três quatro")
    expect(log(page).locator(".assistant .bubble")).to_have_text("um dois três quatro")
    expect(live(page)).to_be_empty()
    script.words("atrasado", 3)
    page.wait_for_timeout(300)
    expect(page.get_by_text("atrasado")).to_have_count(0)
    expect(page.locator("#writing")).to_be_hidden()


def test_a_second_attempt_replaces_what_was_read(open_page: OpenPage) -> None:
    script = Script(sendMessage=Script.accept)
    page = open_page(socket=script)
    ready(page)
    say(page, "oi")
    script.begin()
    script.words("começo que falhou")
    expect(live(page)).to_have_text("começo que falhou")
    script.begin(attempt=2)
    expect(page.get_by_text("Sophie está recomeçando a resposta")).to_be_visible()
    script.words("agora sim")
    expect(live(page)).to_have_text("agora sim")
    script.reply("agora sim", finish="fallback")
    expect(log(page).locator(".assistant")).to_contain_text("resposta da base de conhecimento")


def test_joining_late_shows_the_text_so_far_and_the_rest(open_page: OpenPage) -> None:
    def join(script: Script, frame: Frame) -> None:
        script.greet(frame, history=(message("oi", 1, sender="user", messageId="q1"),))
        script.begin()
        script.words("o que já foi escrito ", 7)
        script.words("e o resto", 8)

    page = open_page(socket=Script(startSession=join))
    expect(live(page)).to_have_text("o que já foi escrito e o resto")


def test_stop_asks_for_the_reply_to_end_and_says_it_was_cut(open_page: OpenPage) -> None:
    def cancel(script: Script, frame: Frame) -> None:
        assert frame["messageId"] == "a1"
        script.reply("só isto", finish="cancelled")

    script = Script(sendMessage=Script.accept, cancelReply=cancel)
    page = open_page(socket=script)
    ready(page)
    say(page, "oi")
    script.begin()
    script.words("só isto")
    expect(live(page)).to_have_text("só isto")
    page.get_by_role("button", name="Parar").click()
    expect(log(page).locator(".assistant")).to_contain_text("interrompida")
    expect(page.get_by_role("button", name="Parar")).to_be_hidden()


def test_too_many_messages_show_a_countdown_and_the_message_goes_by_itself(open_page: OpenPage) -> None:
    def refuse_once(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) > 1:
            return script.accept(frame, seq=2)
        refusal = {"code": "rate_limited", "message": "Devagar", "retryAfter": 2}
        return script.say("error", clientMessageId=frame["clientMessageId"], **refusal)

    script = Script(sendMessage=refuse_once)
    page = open_page(socket=script)
    ready(page)
    say(page, "oi")
    expect(page.locator("#notice")).to_contain_text("Muitas mensagens seguidas")
    expect(page.locator("#notice b")).to_have_text("1 s")
    soon(page, lambda: len(script.actions("sendMessage")) == 2)
    first, second = script.actions("sendMessage")
    assert first["clientMessageId"] == second["clientMessageId"]
    expect(page.get_by_text("Muitas mensagens seguidas")).to_have_count(0)
    expect(log(page).locator(".user")).to_have_count(1)


def test_a_full_service_is_waited_for(open_page: OpenPage) -> None:
    def full_once(script: Script, frame: Frame) -> None:
        if len(script.actions("startSession")) > 1:
            return script.greet(frame)
        return script.say("error", code="capacity", message="Cheio", retryAfter=2)

    page = open_page(socket=Script(startSession=full_once))
    expect(page.locator("#notice")).to_contain_text("Todos os atendimentos estão ocupados")
    ready(page)
    expect(page.get_by_text("ocupados")).to_have_count(0)


def test_a_gateways_own_error_sends_the_same_message_again(open_page: OpenPage) -> None:
    def stumble_once(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) > 1:
            return script.accept(frame, seq=2)
        return script.say_raw({"message": "Internal server error", "connectionId": "c", "requestId": "r"})

    script = Script(sendMessage=stumble_once)
    page = open_page(socket=script)
    ready(page)
    say(page, "oi")
    soon(page, lambda: len(script.actions("sendMessage")) == 2)
    assert len({frame["clientMessageId"] for frame in script.actions("sendMessage")}) == 1
    expect(log(page).locator(".user")).to_have_count(1)


def test_silence_sends_the_same_message_again(open_page: OpenPage) -> None:
    def deaf_once(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) > 1:
            script.accept(frame)

    script = Script(sendMessage=deaf_once)
    page = open_page(socket=script)
    ready(page)
    say(page, "oi")
    soon(page, lambda: len(script.actions("sendMessage")) == 2)
    assert len({frame["clientMessageId"] for frame in script.actions("sendMessage")}) == 1


def test_a_missing_number_is_asked_for_once(open_page: OpenPage) -> None:
    def fill(script: Script, frame: Frame) -> None:
        script.greet(frame)
        if "lastSeq" in frame:
            script.say("message", **message("dois", 2))

    script = Script(startSession=fill)
    page = open_page(socket=script)
    ready(page)
    script.say("message", **message("um", 1))
    script.say("message", **message("três", 3))
    expect(log(page).locator(".bubble")).to_have_text(["um", "dois", "três"])
    assert script.actions("startSession")[-1]["lastSeq"] == 1
    script.say("message", **message("seis", 6))
    expect(log(page).locator(".bubble").last).to_have_text("seis")
    page.wait_for_timeout(4000)  # nobody fills this hole, and it is asked for only once
    assert len(script.actions("startSession")) == 3


def test_a_refused_message_says_so_and_can_be_sent_again(open_page: OpenPage) -> None:
    def refuse_once(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) > 1:
            return script.accept(frame, seq=2)
        refusal = {"code": "bad_request", "message": "Não entendi o pedido."}
        return script.say("error", clientMessageId=frame["clientMessageId"], **refusal)

    page = open_page(socket=Script(sendMessage=refuse_once))
    ready(page)
    say(page, "oi")
    mine = log(page).locator(".user")
    expect(mine).to_contain_text("não enviada: Não entendi o pedido.")
    mine.get_by_role("button", name="Tentar de novo").click()
    expect(mine).not_to_contain_text("não enviada")


def test_an_expired_conversation_starts_anew_with_what_was_typed(open_page: OpenPage) -> None:
    def expire(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) > 1:
            return script.accept(frame, seq=2)
        return script.say("error", code="session_expired", message="x", clientMessageId=frame["clientMessageId"])

    def start(script: Script, frame: Frame) -> None:
        first = len(script.actions("startSession")) == 1
        script.greet(frame, session="s1" if first else "s2", history=(message("Olá", 1),))

    script = Script(startSession=start, sendMessage=expire)
    page = open_page(socket=script)
    ready(page)
    say(page, "minha pergunta")
    expect(page.locator("#notice")).to_contain_text("A conversa anterior expirou")
    expect(log(page).locator(".bubble")).to_have_text(["Olá", "minha pergunta"])
    soon(page, lambda: len(script.actions("sendMessage")) == 2)
    assert "resumeToken" not in script.actions("startSession")[1]


def test_a_token_that_is_refused_is_forgotten_once(open_page: OpenPage) -> None:
    def start(script: Script, frame: Frame) -> None:
        if "resumeToken" in frame:
            return script.say("error", code="forbidden", message="x")
        return script.greet(frame)

    script = Script(startSession=start)
    page = open_page(socket=script, script="localStorage.setItem('sophie.resume', 'of somebody else')")
    ready(page)
    assert len(script.actions("startSession")) == 2


def test_a_lost_connection_is_shown_and_resumed_with_what_was_seen(open_page: OpenPage) -> None:
    script = Script(startSession=lambda script, frame: script.greet(frame, history=(message("Olá", 1),)))
    page = open_page(socket=script)
    ready(page)
    script.hang_up()
    expect(page.get_by_role("status").first).to_have_text("Reconectando…")
    ready(page)
    assert script.opened == 2
    again = script.actions("startSession")[-1]
    assert (again["resumeToken"], again["lastSeq"]) == ("token-s1", 1)
    expect(log(page).locator("article")).to_have_count(1)


def test_without_a_network_the_page_says_so(open_page: OpenPage) -> None:
    page = open_page(socket=Script())
    ready(page)
    page.context.set_offline(True)
    expect(page.get_by_role("status").first).to_have_text("Sem conexão")
    expect(page.locator("#notice")).to_contain_text("sem internet")
    page.context.set_offline(False)
    ready(page)


def test_an_operators_words_and_a_notice_are_told_apart_from_sophies(open_page: OpenPage) -> None:
    script = Script()
    page = open_page(socket=script)
    ready(page)
    script.say("message", **message("Aqui é a Ana", 1, sender="operator"))
    expect(log(page).locator(".operator")).to_contain_text("Atendente")
    script.say("typing", isTyping=True, sender="operator")
    expect(page.get_by_text("Atendente está digitando")).to_be_visible()
    notice = {"notificationId": "n1", "title": "Aviso", "body": "Voltamos às 14h", "level": "warning"}
    for _ in range(2):
        script.say("notification", **notice)
    expect(log(page).get_by_text("Voltamos às 14h")).to_have_count(1)


def test_what_an_answer_carries_is_shown_and_followed_links_are_told(open_page: OpenPage) -> None:
    script = Script(sendMessage=Script.accept)
    page = open_page(socket=script)
    ready(page)
    say(page, "oi")
    script.reply(
        "1. um\n2. dois\n   - dentro\n\n[ajuda](/faq/) e https://example.com/a. `x < y` *leve* <b>cru</b>\nfim",
        actions=[{"label": "Ligar", "url": "tel:+5511"}, {"label": "Ruim", "url": "javascript:alert(1)"}],
        sources=[{"entryId": "e", "version": 1, "title": "Limpeza", "url": "/services/"}],
        finish="truncated",
    )
    answer = log(page).locator(".assistant")
    expect(answer.locator("ol > li")).to_have_count(2)
    expect(answer.locator("ol ul > li")).to_have_text("dentro")
    expect(answer.locator("code")).to_have_text("x < y")
    expect(answer).to_contain_text("<b>cru</b>")
    expect(answer).to_contain_text("Fontes: Limpeza")
    expect(answer).to_contain_text("resposta cortada")
    expect(answer.get_by_role("link")).to_have_text(["ajuda", "https://example.com/a", "Ligar", "Limpeza"])
    answer.get_by_role("link", name="Ligar").dispatch_event("click")
    soon(page, lambda: script.actions("trackAction"))
    assert script.actions("trackAction")[0] == {
        "action": "trackAction",
        "kind": "button",
        "target": "tel:+5511",
        "messageId": "a1",
    }


def test_a_hidden_tab_stays_quiet(open_page: OpenPage) -> None:
    script = Script()
    clock = "document.hiddenNow = true; Object.defineProperty(document, 'hidden', { get: () => document.hiddenNow })"
    page = open_page(socket=script, script=clock)
    ready(page)
    script.hang_up()
    page.wait_for_timeout(2500)
    assert script.opened == 1
    page.evaluate("document.hiddenNow = false; document.dispatchEvent(new Event('visibilitychange'))")
    soon(page, lambda: script.opened == 2)
    ready(page)
