"""What the widget shows when the network and the gateway are as they are."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser import Frame
from tests.conftest import Start
from tests.script import message
from tests.scripted import Script, soon
from tests.widget.conftest import OpenSite
from tests.widget.person import (
    IMPATIENT,
    QUESTION,
    answered,
    answers,
    assert_shown_is_stored,
    launcher,
    log,
    look_again,
    minimise,
    open_chat,
    own,
    ready,
    say,
    window,
)

WATCH_THE_STATE = """() => {
  window.seen = [];
  const panel = document.querySelector('chat-assistente').shadowRoot.querySelector('chat-assistente-panel');
  const changed = new MutationObserver(() => window.seen.push(panel.shadowRoot.querySelector('.state').textContent));
  changed.observe(panel.shadowRoot.querySelector('.state'), { characterData: true, childList: true, subtree: true });
}"""
OFTEN = "window.Often = setInterval; window.setInterval = (act, wait) => Often(act, wait / 2000);"
UNREACHABLE = (
    "window.Real = WebSocket;window.WebSocket = class extends Real { constructor() { super('ws://127.0.0.1:1/ws'); } };"
)
WITHOUT_STORAGE = """for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, { get() { throw new Error('refused'); } });"""
WORDS = " ".join(f"palavra{number}" for number in range(300))


def refuse(code: str, **fields: object) -> Callable[[Script, Frame], None]:
    """Refuse the first time, greet the next."""

    def answer(script: Script, frame: Frame) -> None:
        if len(script.actions("startSession")) > 1:
            return script.greet(frame)
        return script.say("error", code=code, message="Agora não", **fields)

    return answer


def notice(page: Page) -> Any:
    return page.locator(".notice")


def test_cut_off_three_times_and_reloaded_the_text_shown_is_the_text_stored(
    open_site: OpenSite, start: Start, llmock: Any
) -> None:
    llmock.reply(WORDS).pace(10)
    server = start(OPENAI_API_KEY="test", OPENAI_BASE_URL=llmock.base_url("openai"), DELTA_INTERVAL_MS="0")
    deltas: list[int] = []
    cuts = [40, 100, 160]

    def cut(route: WebSocketRoute) -> None:
        upstream = route.connect_to_server()

        def to_page(text: str | bytes) -> None:
            if json.loads(text)["type"] == "replyDelta":
                deltas.append(json.loads(text)["index"])
                if cuts and len(deltas) >= cuts[0]:
                    cuts.pop(0)
                    route.close(code=1001)
                    return
            route.send(text)

        upstream.on_message(to_page)

    page = open_site(url=server.url, socket=cut, script=IMPATIENT)
    open_chat(page)
    say(page, QUESTION)
    soon(page, lambda: not cuts)
    page.reload()
    answer = answered(page)
    expect(answer.locator(".bubble")).to_have_text(WORDS)
    expect(own(page)).to_have_count(1)
    assert_shown_is_stored(page, server)


def test_what_is_written_offline_waits_outlives_a_reload_and_is_sent_once(open_site: OpenSite) -> None:
    page = open_site()
    open_chat(page)
    ready(page)
    page.context.set_offline(True)
    expect(notice(page)).to_contain_text("Você está sem internet")
    say(page, QUESTION)
    expect(log(page).locator("article.sending footer")).to_have_text("na fila")
    page.context.set_offline(False)
    answered(page)
    expect(own(page)).to_have_count(1)
    expect(notice(page)).not_to_contain_text("internet")


def test_what_was_not_accepted_is_sent_again_after_a_reload_under_the_same_id(open_site: OpenSite) -> None:
    script = Script()
    page = open_site(socket=script)
    open_chat(page)
    ready(page)
    say(page, "oi")
    soon(page, lambda: script.actions("sendMessage"))
    page.reload()
    soon(page, lambda: len(script.actions("sendMessage")) == 2)
    assert len({frame["clientMessageId"] for frame in script.actions("sendMessage")}) == 1
    expect(own(page)).to_have_count(1)


def test_a_closing_after_two_hours_or_ten_minutes_goes_unnoticed(open_site: OpenSite) -> None:
    script = Script()
    page = open_site(socket=script)
    open_chat(page)
    ready(page)
    page.evaluate(WATCH_THE_STATE)
    script.hang_up()
    soon(page, lambda: script.opened == 2 and len(script.actions("startSession")) == 2)
    page.wait_for_timeout(500)
    assert page.evaluate("window.seen") == []


def test_minimised_it_lets_the_connection_go_and_comes_back_when_opened(open_site: OpenSite) -> None:
    script = Script()
    page = open_site(socket=script)
    open_chat(page)
    ready(page)
    minimise(page)
    script.hang_up()
    page.wait_for_timeout(1500)
    assert script.opened == 1
    open_chat(page)
    soon(page, lambda: script.opened == 2)
    ready(page)


def test_only_a_window_that_is_looked_at_keeps_its_connection_alive(
    open_site: OpenSite,
) -> None:
    script = Script()
    page = open_site(socket=script, script=OFTEN)
    open_chat(page)
    ready(page)
    soon(page, lambda: len(script.actions("ping")) > 1)
    minimise(page)
    page.wait_for_timeout(300)  # what was sent before
    sent = len(script.actions("ping"))
    page.wait_for_timeout(1000)
    assert len(script.actions("ping")) == sent


def test_a_full_house_says_when_and_tries_again_by_itself(open_site: OpenSite) -> None:
    page = open_site(socket=Script(startSession=refuse("capacity", retryAfter=2)))
    open_chat(page)
    expect(notice(page)).to_contain_text("Todos os atendimentos estão ocupados")
    expect(notice(page).locator("b")).to_contain_text("1 seg")
    ready(page)
    expect(notice(page)).not_to_contain_text("ocupados")


def test_too_many_messages_wait_their_turn(open_site: OpenSite) -> None:
    def refuse_once(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) > 1:
            return script.accept(frame, seq=2)
        told = {"code": "rate_limited", "message": "Devagar", "retryAfter": 2}
        return script.say("error", clientMessageId=frame["clientMessageId"], **told)

    script = Script(sendMessage=refuse_once)
    page = open_site(socket=script)
    open_chat(page)
    ready(page)
    say(page, "oi")
    expect(notice(page)).to_contain_text("Muitas mensagens seguidas")
    soon(page, lambda: len(script.actions("sendMessage")) == 2)
    assert len({frame["clientMessageId"] for frame in script.actions("sendMessage")}) == 1
    expect(own(page)).to_have_count(1)


def test_a_conversation_that_expired_begins_again_and_says_so(open_site: OpenSite) -> None:
    def expire(script: Script, frame: Frame) -> None:
        if frame.get("resumeToken"):
            return script.say("error", code="session_expired", message="Terminou")
        return script.greet(frame, session="s2")

    page = open_site(
        socket=Script(startSession=expire), script="localStorage.setItem('chat-assistente.resume', 'older')"
    )
    open_chat(page)
    expect(notice(page)).to_contain_text("A conversa anterior expirou")
    ready(page)


def test_a_refused_socket_counts_down_and_can_be_tried_at_once(open_site: OpenSite) -> None:
    page = open_site(script=UNREACHABLE)
    open_chat(page)
    expect(notice(page)).to_contain_text("Não foi possível abrir o chat")
    expect(notice(page).locator("b")).to_contain_text("seg")
    page.evaluate("() => { window.WebSocket = Real; }")
    notice(page).get_by_role("button", name="Tentar agora").click()
    ready(page)


def test_who_is_not_recognised_any_more_is_asked_to_sign_in_again(open_site: OpenSite) -> None:
    def refuse_always(script: Script, frame: Frame) -> None:
        script.say("error", code="unauthorized", message="Quem é você?")

    script = Script(startSession=refuse_always)
    page = open_site(socket=script)
    open_chat(page)
    expect(notice(page)).to_contain_text("Seu acesso ao site expirou")
    expect(notice(page).get_by_role("button", name="Atualizar a página")).to_be_visible()
    assert len(script.actions("startSession")) == 2  # once more, with a fresh identity


@pytest.mark.parametrize("words", [{"message": "Internal server error", "connectionId": "c", "requestId": "r"}, None])
def test_a_gateways_own_error_or_silence_sends_the_same_message_again(open_site: OpenSite, words: Frame | None) -> None:
    def stumble_once(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) > 1:
            script.accept(frame, seq=2)
        elif words:
            script.say_raw(words)

    script = Script(sendMessage=stumble_once)
    page = open_site(socket=script, script=IMPATIENT)
    open_chat(page)
    ready(page)
    say(page, "oi")
    soon(page, lambda: len(script.actions("sendMessage")) == 2)
    assert len({frame["clientMessageId"] for frame in script.actions("sendMessage")}) == 1


def test_an_answer_whose_end_is_lost_is_asked_for(open_site: OpenSite) -> None:
    def resume(script: Script, frame: Frame) -> None:
        script.greet(frame)
        if "lastSeq" in frame:
            script.reply("a resposta inteira")

    script = Script(startSession=resume, sendMessage=Script.accept)
    page = open_site(socket=script, script=IMPATIENT)
    open_chat(page)
    ready(page)
    say(page, "oi")
    expect(page.get_by_text("Sophie está digitando")).to_be_visible()
    script.begin()
    script.words("a resposta")
    expect(answers(page).last).to_contain_text("a resposta inteira")
    assert [frame.get("lastSeq") for frame in script.actions("startSession")] == [None, 1]


def test_who_comes_back_to_the_tab_is_shown_what_was_missed(open_site: OpenSite) -> None:
    def resume(script: Script, frame: Frame) -> None:
        script.greet(frame)
        if "lastSeq" in frame:
            script.say("message", **message("dois", 2))

    script = Script(startSession=resume)
    page = open_site(socket=script)
    open_chat(page)
    ready(page)
    script.say("message", **message("um", 1))
    expect(log(page)).to_contain_text("um")
    look_again(page)
    expect(log(page).locator(".bubble")).to_have_text(["um", "dois"])


def test_a_gap_is_asked_for_once(open_site: OpenSite) -> None:
    def fill(script: Script, frame: Frame) -> None:
        script.greet(frame)
        if "lastSeq" in frame:
            script.say("message", **message("dois", 2))

    script = Script(startSession=fill)
    page = open_site(socket=script, script=IMPATIENT)
    open_chat(page)
    ready(page)
    script.say("message", **message("um", 1))
    script.say("message", **message("três", 3))
    expect(log(page).locator(".bubble")).to_have_text(["um", "dois", "três"])
    script.say("message", **message("seis", 6))
    expect(log(page).locator(".bubble").last).to_have_text("seis")
    page.wait_for_timeout(1000)  # nobody fills this hole, and it is asked for only once
    assert [frame.get("lastSeq") for frame in script.actions("startSession")] == [None, 1, 3]


def test_a_refused_message_can_be_sent_again(open_site: OpenSite) -> None:
    def refuse_once(script: Script, frame: Frame) -> None:
        if len(script.actions("sendMessage")) > 1:
            return script.accept(frame)
        told = {"code": "bad_request", "message": "Não entendi"}
        return script.say("error", clientMessageId=frame["clientMessageId"], **told)

    script = Script(sendMessage=refuse_once)
    page = open_site(socket=script)
    open_chat(page)
    ready(page)
    say(page, "oi")
    expect(log(page).locator("article.failed")).to_contain_text("Não entendi")
    page.get_by_role("button", name="Tentar de novo").click()
    soon(page, lambda: len(script.actions("sendMessage")) == 2)
    expect(log(page).locator("article.failed")).to_have_count(0)
    expect(own(page)).to_have_count(1)


def test_stop_ends_the_answer_and_a_second_attempt_marks_the_first(open_site: OpenSite) -> None:
    def cancel(script: Script, frame: Frame) -> None:
        script.reply("agora", finish="cancelled")

    script = Script(sendMessage=Script.accept, cancelReply=cancel)
    page = open_site(socket=script)
    open_chat(page)
    ready(page)
    say(page, "oi")
    expect(page.get_by_text("Sophie está digitando")).to_be_visible()
    script.begin()
    script.words("começo que falhou")
    live = page.locator(".live")
    expect(live).to_contain_text("começo que falhou")
    script.begin(attempt=2)
    expect(page.get_by_text("Sophie está recomeçando a resposta")).to_be_visible()
    script.words("agora sim")
    expect(live.locator(".replaced s")).to_have_text("começo que falhou")
    expect(live.locator(".bubble").last).to_have_text("agora sim")
    page.get_by_role("button", name="Parar").click()
    expect(answers(page).last).to_contain_text("interrompida")
    expect(live.locator("article")).to_have_count(0)


def test_where_storage_is_refused_the_chat_still_works(open_site: OpenSite) -> None:
    page = open_site("termos/", script=WITHOUT_STORAGE)
    launcher(page).click()
    expect(window(page)).to_be_visible()
    say(page, QUESTION)
    answered(page)


def test_while_the_window_is_on_its_way_the_button_says_so(open_site: OpenSite) -> None:
    waiting: list[Route] = []
    page = open_site()
    page.route("**/assets/panel-*", lambda route: waiting.append(route))
    launcher(page).click()
    expect(launcher(page)).to_have_attribute("aria-busy", "true")
    soon(page, lambda: waiting)
    waiting[0].continue_()
    expect(window(page)).to_be_visible()
    expect(launcher(page)).not_to_have_attribute("aria-busy", "true")


def test_without_the_panels_file_the_button_says_so_and_tries_again(open_site: OpenSite) -> None:
    page = open_site()
    page.route(
        "**/assets/panel-*",
        lambda route: route.fulfill(status=404, body="", headers={"content-type": "text/javascript"}),
    )
    launcher(page).click()
    expect(page.locator("chat-assistente").get_by_role("alert")).to_contain_text("O chat não carregou")
