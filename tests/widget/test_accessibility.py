"""By keyboard alone, by screen reader, in the colours and at the size that a person needs."""

from playwright.sync_api import Page, expect

from tests.axe import AXE, violations
from tests.browser import Frame
from tests.script import message
from tests.scripted import Script
from tests.widget.conftest import OpenSite
from tests.widget.person import (
    PORTRAIT,
    QUESTION,
    answered,
    answers,
    badge,
    field,
    launcher,
    log,
    minimise,
    open_chat,
    own,
    ready,
    say,
    window,
)

RICH = "**Preço:** R$ 150\n\n1. abra\n2. peça\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n`x` [link](https://example.com)\n\n```\ny\n```"


def greeted(page: Page, script: Script) -> None:
    open_chat(page)
    ready(page)


def over_the_limit(page: Page, script: Script) -> None:
    field(page).fill("a" * 2001)


def writing(page: Page, script: Script) -> None:
    say(page, "oi")
    script.begin()
    script.words("um começo")
    expect(page.locator(".live")).to_contain_text("um começo")


def rich(page: Page, script: Script) -> None:
    source = {"entryId": "e", "version": 1, "title": "Limpeza", "url": "/services/"}
    contact = {"email": "a@b.co", "phone": "0800", "whatsapp": "+55 11 9", "hours": "8h"}
    action = {"label": "Ver", "url": "/services/"}
    script.reply(RICH, actions=[action], sources=[source], contact=contact, suggestions=["Quanto?"])
    expect(page.get_by_role("group", name="Fale com uma pessoa")).to_be_visible()


def announced(page: Page, script: Script) -> None:
    told = {"notificationId": "n1", "title": "Aviso", "body": "Voltamos às 14h"}
    script.say("notification", **told, level="warning", url="/services/")
    expect(log(page)).to_contain_text("Voltamos às 14h")


def unread(page: Page, script: Script) -> None:
    minimise(page)
    script.say("message", **message("novidade", 3))
    expect(badge(page)).to_have_text("1")


def menu(page: Page, script: Script) -> None:
    open_chat(page)
    page.get_by_role("button", name="Opções da conversa").click()
    expect(page.get_by_role("button", name="Baixar a conversa")).to_be_visible()


def closing(page: Page, script: Script) -> None:
    page.get_by_role("button", name="Encerrar conversa").click()
    page.get_by_role("radio", name="4 estrelas").check(force=True)


def cut_off(page: Page, script: Script) -> None:
    page.get_by_role("button", name="Voltar à conversa").click()
    page.context.set_offline(True)
    expect(page.locator(".notice")).to_contain_text("sem internet")


WALK = (greeted, over_the_limit, writing, rich, announced, unread, menu, closing, cut_off)  # one leads to the next


def test_axe_finds_nothing_in_any_state_light_or_dark(open_screen: OpenSite) -> None:
    script = Script(sendMessage=Script.accept)
    page = open_screen(socket=script, bypass_csp=True, reduced_motion="reduce")
    page.evaluate(AXE)
    found: dict[str, list[str]] = {}
    for state in WALK:
        state(page, script)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found[f"{state.__name__}, {scheme}"] = violations(page, "chat-assistente")
    assert {state: told for state, told in found.items() if told} == {}


def test_axe_finds_nothing_on_an_error_page_with_its_offer(open_site: OpenSite) -> None:
    page = open_site("nao-existe/", bypass_csp=True)
    expect(page.get_by_role("button", name="Quero ajuda")).to_be_visible()
    page.evaluate(AXE)
    assert violations(page) == []


def test_axe_finds_nothing_on_the_demo_site(open_site: OpenSite) -> None:
    page = open_site(bypass_csp=True)
    home = page.url
    for path in ("", "services/", "meus-pedidos/", "painel-prestador/", "entrar/", "help-support/"):
        page.goto(home + path)
        page.evaluate(AXE)
        assert violations(page) == [], path


def test_the_whole_flow_by_keyboard(open_site: OpenSite) -> None:
    page = open_site()
    press = page.keyboard.press
    launcher(page).focus()
    press("Enter")
    expect(field(page)).to_be_focused()
    page.keyboard.type(QUESTION)
    press("Enter")
    answered(page)
    tab_back_to(page, "Sim")
    press("Enter")
    expect(answers(page).last).to_contain_text("Obrigada!")
    tab_back_to(page, "Opções da conversa")
    press("Enter")
    press("Tab")
    press("Tab")
    expect(page.get_by_role("button", name="Encerrar conversa")).to_be_focused()
    press("Escape")
    expect(page.get_by_role("button", name="Encerrar conversa")).to_be_hidden()
    expect(page.get_by_role("button", name="Opções da conversa")).to_be_focused()
    press("Enter")
    press("Tab")
    press("Tab")
    press("Enter")
    expect(page.get_by_role("radio", name="1 estrela")).to_be_focused()
    press("ArrowRight")
    press("Escape")
    expect(field(page)).to_be_focused()
    rate_by_keyboard(page)
    press("Escape")
    expect(window(page)).to_be_hidden()
    expect(launcher(page)).to_be_focused()


def rate_by_keyboard(page: Page) -> None:
    press = page.keyboard.press
    tab_back_to(page, "Opções da conversa")
    for key in ("Enter", "Tab", "Tab", "Enter", "Space", "ArrowRight", "ArrowRight", "Tab"):
        press(key)
    page.keyboard.type("Gostei")
    press("Tab")
    press("Enter")
    expect(page.get_by_text("Conversa encerrada.")).to_be_visible()
    expect(page.get_by_role("button", name="Nova conversa")).to_be_focused()
    press("Enter")
    expect(field(page)).to_be_focused()
    expect(own(page)).to_have_count(0)


def tab_back_to(page: Page, name: str) -> None:
    for _ in range(30):
        if page.evaluate(FOCUSED) == name:
            return
        page.keyboard.press("Shift+Tab")
    raise AssertionError(f"{name} cannot be reached")


FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.getAttribute('aria-label') || at?.textContent.trim();
}"""


def test_focus_is_free_on_a_desktop_and_stays_where_the_window_fills_the_screen(open_site: OpenSite) -> None:
    page = open_site()
    open_chat(page)
    assert focus_leaves(page)
    page.set_viewport_size(PORTRAIT)
    field(page).focus()
    assert not focus_leaves(page)


def focus_leaves(page: Page) -> bool:
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.tagName") != "CHAT-ASSISTENTE":
            return True
    return False


def test_each_answer_is_announced_once_and_only_when_it_is_whole(open_site: OpenSite) -> None:
    script = Script(sendMessage=lambda script, frame: script.accept(frame, seq=2))
    page = open_site(socket=script)
    open_chat(page)
    ready(page)
    script.say("message", **message("Olá", 1))
    expect(log(page)).to_contain_text("Olá")
    expect(log(page)).to_have_attribute("aria-live", "polite")
    log(page).evaluate(
        """(log) => {
          window.announced = [];
          new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) =>
            node.nodeType === 1 && window.announced.push(node.textContent.replace(/\\s+/g, ' ')))))
            .observe(log, { childList: true });
        }"""
    )
    say(page, "oi")
    script.begin(seq=2)
    for index in range(20):
        script.words(f"parte {index} ", index, seq=2)
    expect(page.locator(".live")).to_contain_text("parte 19")
    assert page.locator(".live").get_attribute("aria-hidden") == "true"
    script.reply("a resposta inteira", seq=2)
    script.reply("a resposta inteira", seq=2)
    expect(answers(page).last).to_contain_text("a resposta inteira")
    page.wait_for_timeout(300)
    announced = page.evaluate("window.announced")
    assert sum("a resposta inteira" in text for text in announced) == 1
    assert not any("parte" in text for text in announced)
    tree = window(page).aria_snapshot()
    assert tree.count("a resposta inteira") == 1 and "Sophie está digitando" not in tree


def test_a_history_is_not_read_aloud(open_site: OpenSite) -> None:
    def greet(script: Script, frame: Frame) -> None:
        script.greet(frame, history=tuple(message(f"antiga {seq}", seq) for seq in range(1, 31)))

    page = open_site(socket=Script(startSession=greet))
    page.evaluate(
        """() => { customElements.whenDefined('chat-assistente-panel').then(() => {
          window.live = [];
          const look = () => {
            const panel = document.querySelector('chat-assistente').shadowRoot.querySelector('chat-assistente-panel');
            const log = panel?.shadowRoot?.querySelector('.log');
            if (log?.querySelector('article')) window.live.push(log.getAttribute('aria-live'));
            else requestAnimationFrame(look);
          };
          look();
        }); }"""
    )
    open_chat(page)
    expect(answers(page)).to_have_count(30)
    assert page.evaluate("window.live") == ["off"]


def test_forced_colours_reduced_motion_and_double_size_leave_it_usable(open_site: OpenSite) -> None:
    page = open_site(forced_colors="active", reduced_motion="reduce", viewport={"width": 640, "height": 400})
    open_chat(page)
    say(page, QUESTION)
    answered(page)
    for part in (field(page), page.get_by_role("button", name="Minimizar", exact=True)):
        expect(part).to_be_in_viewport(ratio=1)
    assert window(page).evaluate("(one) => getComputedStyle(one).animationName") == "none"
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    expect(own(page)).to_have_count(1)
