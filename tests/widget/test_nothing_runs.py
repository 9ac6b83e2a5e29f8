"""Whatever comes in, by whichever way, is shown and never run: with the policy, which would report it, and without."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Frame
from tests.script import message
from tests.scripted import Script
from tests.widget.conftest import OpenSite
from tests.widget.payloads import PAYLOADS
from tests.widget.person import answered, answers, log, open_chat, own, ready, say

WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective));
"""
OUR_ICON = ".contact > .button > svg"
MADE = (
    f"script, img, svg:not({OUR_ICON}), iframe, style, input, template, object, embed, link, meta, base, form, video, "
    "math, button[form]"
)
CONTACT = {"hours": "<img src=x onerror=window.ran=1>", "email": "javascript:window.ran=1"}


def test_there_are_at_least_two_hundred() -> None:
    assert len(set(PAYLOADS)) >= 200


def as_user(payload: str, seq: int) -> Frame:
    return message(payload, seq, sender="user", clientMessageId=f"c{seq}")


def as_model(payload: str, seq: int) -> Frame:
    return message(payload, seq)


def as_knowledge(payload: str, seq: int) -> Frame:
    source = {"entryId": payload, "version": 1, "title": payload, "url": payload}
    action = {"label": payload, "url": payload}
    return message("ok", seq, sources=[source], actions=[action], suggestions=[payload])


def as_operator(payload: str, seq: int) -> Frame:
    contact = {**CONTACT, "phone": payload, "whatsapp": payload}
    return message(payload, seq, sender="operator", contact=contact, finish="complete")


CHANNELS = {"user": as_user, "model": as_model, "knowledge": as_knowledge, "operator": as_operator}


@pytest.mark.parametrize("policy", ["with the policy", "without"])
@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_written_there_runs(open_site: OpenSite, channel: str, policy: str) -> None:
    history = tuple(CHANNELS[channel](payload, seq) for seq, payload in enumerate(PAYLOADS, 1))

    def greet(script: Script, frame: Frame) -> None:
        script.greet(frame, history=history[:-1])
        script.say("message", **history[-1])

    page = open_site(socket=Script(startSession=greet), script=WATCH, bypass_csp=policy == "without")
    open_chat(page)
    expect(log(page).locator("article")).to_have_count(len(PAYLOADS))
    assert_nothing_ran(page)


@pytest.mark.parametrize("policy", ["with the policy", "without"])
def test_nothing_in_a_reply_being_written_runs(open_site: OpenSite, policy: str) -> None:
    script = Script(sendMessage=Script.accept)
    page = open_site(socket=script, script=WATCH, bypass_csp=policy == "without", reduced_motion="reduce")
    open_chat(page)
    ready(page)
    say(page, "oi")
    script.begin()
    for index, payload in enumerate(PAYLOADS):
        script.words(f"{payload}\n\n", index)
    script.words("fim da resposta", len(PAYLOADS))
    expect(page.locator(".live")).to_contain_text("fim da resposta")
    assert_nothing_ran(page)


def test_nothing_in_the_pages_own_title_or_address_runs(open_site: OpenSite) -> None:
    page = open_site("services/?q=<img src=x onerror=window.ran=1>", script=WATCH)
    page.evaluate("(all) => { document.title = all.join(' '); }", list(PAYLOADS))
    open_chat(page)
    expect(answers(page).first).to_be_visible()
    say(page, PAYLOADS[0])
    answered(page)
    assert own(page).inner_text() == PAYLOADS[0]
    assert_nothing_ran(page)


def test_an_errors_words_and_the_assistants_name_are_text(open_site: OpenSite) -> None:
    def refuse(script: Script, frame: Frame) -> None:
        told: dict[str, Any] = {"code": "bad_request", "message": PAYLOADS[0]}
        script.say("error", clientMessageId=frame["clientMessageId"], **told)

    page = open_site(socket=Script(sendMessage=refuse), script=WATCH)
    open_chat(page)
    ready(page)
    say(page, "oi")
    expect(log(page).locator("article.failed footer")).to_contain_text(PAYLOADS[0])
    assert_nothing_ran(page)


def assert_nothing_ran(page: Page) -> None:
    for link in log(page).locator("a").all()[:30]:
        link.dispatch_event("mouseover")
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    assert page.evaluate("window.violations") == []
    panel = page.locator("chat-assistente-panel")
    assert panel.locator(f".log :is({MADE}), .live :is({MADE})").count() == 0
    protocols = panel.locator("a").evaluate_all("all => all.map(one => one.protocol)")
    assert set(protocols) <= {"http:", "https:", "mailto:", "tel:"}
    handlers = panel.locator(".log *").evaluate_all(
        "all => all.flatMap(one => one.getAttributeNames()).filter(name => name.toLowerCase().startsWith('on'))"
    )
    assert handlers == []
