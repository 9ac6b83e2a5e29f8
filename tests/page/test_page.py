"""What a person sees on the plain page, answered by the assistant itself."""

import json
import re
import uuid

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.page.conftest import OpenPage
from tests.server import Server

QUESTION = "quanto custa uma faxina?"
PRICE = re.compile(r"R\$\s*\d")
ATTACKS = (
    "<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    "<svg/onload=window.ran=1>",
    "<svg><script>window.ran = 1</script></svg>",
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "<body onload=window.ran=1>",
    "<details open ontoggle=window.ran=1>",
    "<input autofocus onfocus=window.ran=1>",
    "<math><mtext></p><img src onerror=window.ran=1>",
    "<style>@import 'javascript:window.ran=1'</style>",
    "[clique](javascript:window.ran=1)",
    "[clique](JaVaScRiPt&colon;window.ran=1)",
    "[clique](java\tscript:window.ran=1)",
    "[clique](data:text/html,<script>parent.ran=1</script>)",
    "[clique](vbscript:window.ran=1)",
    "![x](x' onerror='window.ran=1)",
    "<https://example.com/' onmouseover='window.ran=1>",
    '`"><img src=x onerror=window.ran=1>`',
    "```\n</code></pre><script>window.ran = 1</script>\n```",
    "{{constructor.constructor('window.ran=1')()}}",
    "'\"><template><script>window.ran = 1</script></template>",
    "\u202e<script>window.ran = 1</script>\u0000",
)


def say(page: Page, text: str) -> None:
    page.get_by_label("Escreva sua pergunta").fill(text)
    page.keyboard.press("Enter")


def messages(page: Page) -> Locator:
    return page.get_by_role("log").locator("article")


def own(page: Page) -> Locator:
    return page.get_by_role("log").locator("article.user .bubble")


def answered(page: Page, times: int = 1) -> Locator:
    """The newest answer, once there are so many of them beside the greeting."""
    answers = page.get_by_role("log").locator("article.assistant")
    expect(answers).to_have_count(times + 1)
    return answers.last


@pytest.mark.requirement("R2.6")
def test_sophie_introduces_herself_by_name(open_page: OpenPage) -> None:
    page = open_page()
    expect(messages(page).first).to_contain_text("Sophie")
    expect(page.get_by_role("status").first).to_have_text("On-line")


@pytest.mark.requirement("R2.2", "R2.4", "R2.5", "R3.1")
def test_a_question_is_answered_with_a_price_a_link_and_three_suggestions(open_page: OpenPage) -> None:
    page = open_page()
    say(page, QUESTION)
    answer = answered(page)
    expect(answer).to_contain_text(PRICE)
    expect(answer.locator(".actions a, .sources").first).to_be_visible()
    expect(page.get_by_role("group", name="Sugestões").get_by_role("button")).to_have_count(3)
    assert "**" not in answer.inner_text()


def test_while_the_answer_is_awaited_sophie_is_seen_typing(open_page: OpenPage) -> None:
    page = open_page()
    expect(messages(page).first).to_be_visible()
    page.evaluate(
        """() => {
          window.seen = [];
          const typing = document.querySelector('#typing');
          new MutationObserver(() => window.seen.push(typing.textContent)).observe(typing, { childList: true });
        }"""
    )
    say(page, QUESTION)
    answered(page)
    assert "Sophie está digitando" in page.evaluate("window.seen")
    expect(page.get_by_text("Sophie está digitando")).to_be_hidden()


def test_a_screen_reader_is_given_whole_messages_only(open_page: OpenPage) -> None:
    page = open_page()
    expect(messages(page).first).to_be_visible()
    page.evaluate(
        """() => {
          window.announced = [];
          const log = document.querySelector('[role=log]');
          new MutationObserver((changes) => changes.forEach((change) =>
            change.addedNodes.forEach((node) => window.announced.push(node.textContent))))
            .observe(log, { childList: true });
        }"""
    )
    say(page, QUESTION)
    whole = answered(page).text_content()
    announced = page.evaluate("window.announced")
    assert whole in announced and len(announced) <= 3  # the question, its place by number, the answer
    assert page.locator("#live").get_attribute("aria-hidden") == "true"


def test_a_suggestion_is_sent_by_a_click(open_page: OpenPage) -> None:
    page = open_page()
    say(page, QUESTION)
    answered(page)
    suggestion = page.get_by_role("group", name="Sugestões").get_by_role("button").first
    text = suggestion.inner_text()
    suggestion.click()
    expect(own(page).last).to_have_text(text)
    answered(page, 2)


def test_enter_sends_and_shift_enter_breaks_the_line(open_page: OpenPage) -> None:
    page = open_page()
    field = page.get_by_label("Escreva sua pergunta")
    field.fill("bom dia")
    field.press("Shift+Enter")
    page.keyboard.type(QUESTION)
    assert field.input_value() == f"bom dia\n{QUESTION}"
    field.press("Enter")
    expect(own(page)).to_have_text(f"bom dia\n{QUESTION}")
    assert field.input_value() == ""


def test_a_word_still_being_composed_is_not_sent(open_page: OpenPage) -> None:
    page = open_page()
    field = page.get_by_label("Escreva sua pergunta")
    field.fill("limpez")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    assert field.input_value() == "limpez"
    expect(own(page)).to_have_count(0)


@pytest.mark.requirement("R5.3")
def test_coming_back_finds_the_conversation(open_page: OpenPage) -> None:
    page = open_page()
    say(page, QUESTION)
    answer = answered(page).locator(".bubble").inner_text()
    page.reload()
    expect(own(page)).to_have_text(QUESTION)
    assert answered(page).locator(".bubble").inner_text() == answer
    expect(page.get_by_role("group", name="Sugestões").get_by_role("button")).to_have_count(3)


def test_a_second_tab_shows_the_same_conversation(open_page: OpenPage) -> None:
    first = open_page()
    expect(messages(first).first).to_be_visible()
    second = first.context.new_page()
    second.goto(first.url)
    expect(messages(second).first).to_be_visible()
    say(first, QUESTION)
    expect(answered(first)).to_contain_text(PRICE)
    expect(answered(second)).to_contain_text(PRICE)
    expect(own(second)).to_have_text(QUESTION)


def test_older_messages_come_when_asked_for(open_page: OpenPage, server: Server) -> None:
    with server.visit() as visitor:
        for number in range(16):
            visitor.ask(f"pergunta {number}: {QUESTION} {'detalhe ' * 200}")
        page = open_page(script=f"localStorage.setItem('sophie.resume', '{visitor.resume_token}')")
    expect(own(page).last).to_contain_text("pergunta 15")
    expect(page.get_by_text("pergunta 0:")).to_have_count(0)
    page.get_by_role("button", name="Mensagens anteriores").click()
    expect(page.get_by_text("pergunta 0:")).to_have_count(1)
    numbers = [int(text.split()[1].rstrip(":")) for text in own(page).all_inner_texts()]
    assert numbers == list(range(16))


@pytest.mark.requirement("R6.4")
def test_an_answer_can_be_called_helpful(open_page: OpenPage) -> None:
    page = open_page()
    say(page, QUESTION)
    answer = answered(page)
    answer.get_by_role("button", name="Sim").click()
    expect(answer).to_contain_text("Obrigada!")


@pytest.mark.requirement("R6.4")
def test_a_rated_conversation_ends_and_another_begins(open_page: OpenPage) -> None:
    page = open_page()
    say(page, QUESTION)
    answered(page)
    page.get_by_role("button", name="Encerrar").click()
    page.get_by_role("radio", name="4 estrelas").check(force=True)
    page.get_by_label("Quer comentar?").fill("Ajudou muito")
    page.get_by_role("dialog").get_by_role("button", name="Enviar").click()
    expect(page.get_by_text("Obrigada pela avaliação!")).to_be_visible()
    expect(page.get_by_text("Conversa encerrada.").last).to_be_visible()
    page.get_by_role("button", name="Nova conversa").click()
    expect(own(page)).to_have_count(0)
    say(page, QUESTION)
    expect(answered(page)).to_contain_text(PRICE)


def test_a_conversation_ended_without_a_rating_is_gone_on_the_next_visit(open_page: OpenPage) -> None:
    page = open_page()
    say(page, QUESTION)
    answered(page)
    page.get_by_role("button", name="Encerrar").click()
    page.get_by_role("button", name="Encerrar sem nota").click()
    expect(page.get_by_role("button", name="Nova conversa")).to_be_visible()
    page.reload()
    expect(messages(page)).to_have_count(1)


def test_a_lost_connection_comes_back_and_the_question_is_answered_once(open_page: OpenPage) -> None:
    def lose_the_first_answer(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        sockets.append(route)

        def to_server(text: str | bytes) -> None:
            server.send(text)
            if "sendMessage" in str(text) and len(sockets) == 1:
                route.close(code=1001)

        route.on_message(to_server)

    sockets: list[WebSocketRoute] = []
    page = open_page(socket=lose_the_first_answer)
    expect(messages(page).first).to_be_visible()
    say(page, QUESTION)
    expect(answered(page)).to_contain_text(PRICE)
    expect(own(page)).to_have_count(1)
    assert len(sockets) == 2


def test_frames_in_any_order_and_twice_make_the_same_conversation(open_page: OpenPage) -> None:
    def shuffle(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        held: list[str | bytes] = []

        def to_page(text: str | bytes) -> None:
            held.append(text)
            kind = json.loads(text)["type"]
            if kind == "session" or (kind == "message" and "inReplyTo" in json.loads(text)):
                for frame in reversed(held):
                    route.send(frame)
                    route.send(frame)
                held.clear()

        server.on_message(to_page)

    page = open_page(socket=shuffle)
    expect(messages(page).first).to_be_visible()
    for times in (1, 2):
        say(page, QUESTION)
        expect(answered(page, times)).to_contain_text(PRICE)
    senders = messages(page).evaluate_all("all => all.map(one => one.className)")
    assert senders == ["assistant", "user", "assistant", "user", "assistant"]
    expect(page.get_by_text("está digitando")).to_be_hidden()


def test_a_token_nobody_issued_starts_a_new_conversation(open_page: OpenPage) -> None:
    page = open_page(script="localStorage.getItem('x') || localStorage.setItem('sophie.resume', 'forged'); ")
    expect(messages(page)).to_have_count(1)
    say(page, QUESTION)
    expect(answered(page)).to_contain_text(PRICE)


def test_where_storage_is_refused_the_chat_still_works(open_page: OpenPage) -> None:
    page = open_page(script="Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })")
    say(page, QUESTION)
    expect(answered(page)).to_contain_text(PRICE)


@pytest.mark.requirement("R3.4")
def test_a_page_that_failed_is_offered_help(open_page: OpenPage) -> None:
    page = open_page("?erro=404")
    expect(page.get_by_role("log")).to_contain_text("404")
    page.wait_for_timeout(500)
    expect(messages(page)).to_have_count(1)


@pytest.mark.requirement("R3.4")
def test_help_is_offered_when_a_known_visitor_meets_an_error_page(open_page: OpenPage) -> None:
    page = open_page()
    expect(messages(page)).to_have_count(1)
    page.goto(page.url + "?erro=500")
    expect(messages(page)).to_have_count(2)
    expect(messages(page).last).to_contain_text("500")


@pytest.mark.requirement("R6.3", "R6.5")
def test_asking_for_a_person_shows_how_to_reach_one(open_page: OpenPage) -> None:
    page = open_page()
    say(page, "quero falar com uma pessoa")
    card = answered(page).locator(".contact")
    expect(card).to_be_visible()
    addresses = card.get_by_role("link").evaluate_all("links => links.map(link => link.protocol)")
    assert "tel:" in addresses and "mailto:" in addresses


def test_a_text_over_the_limit_cannot_be_sent(open_page: OpenPage) -> None:
    page = open_page()
    expect(messages(page).first).to_be_visible()
    field, send = page.get_by_label("Escreva sua pergunta"), page.get_by_role("button", name="Enviar")
    field.fill("a" * 1999)
    expect(page.locator("#counter")).to_have_text("1999/2000")
    expect(send).to_be_enabled()
    field.fill("a" * 2001)
    expect(send).to_be_disabled()
    field.press("Enter")
    expect(own(page)).to_have_count(0)


@pytest.mark.requirement("R3.5")
def test_a_link_opens_in_a_tab_of_its_own_and_the_conversation_stays(open_page: OpenPage) -> None:
    page = open_page()
    say(page, QUESTION)
    link = answered(page).locator("a").first
    assert link.get_attribute("target") == "_blank"
    assert "noopener" in (link.get_attribute("rel") or "")


@pytest.mark.requirement("R1.6")
@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_everything_fits_and_can_be_touched(open_page: OpenPage, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 640}, has_touch=True, is_mobile=True)
    say(page, QUESTION)
    answered(page)
    say(page, "quero falar com uma pessoa")
    answered(page, 2)
    page.get_by_label("Escreva sua pergunta").fill("x")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for target in page.locator("button:visible, .button:visible, textarea:visible").all():
        box = target.bounding_box()
        assert box and box["width"] >= 44 and box["height"] >= 44, target.inner_text()
    box = page.get_by_label("Escreva sua pergunta").bounding_box()
    assert box and box["y"] + box["height"] <= 640


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_in_dark(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    say(page, QUESTION)
    answered(page)
    for selector in (".assistant .bubble", ".user .bubble", "footer", "#state", "#suggestions button", ".actions a"):
        assert contrast(page, selector) >= 4.5, selector


def test_an_english_browser_reads_english(open_page: OpenPage) -> None:
    page = open_page(locale="en-US")
    expect(page.get_by_label("Write your question")).to_be_visible()
    expect(page.get_by_role("button", name="End", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"


def test_the_keyboard_alone_is_enough(open_page: OpenPage) -> None:
    page = open_page()
    expect(messages(page).first).to_be_visible()
    page.keyboard.type(QUESTION)  # the field has the focus
    page.keyboard.press("Enter")
    answered(page)
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.matches('button, a')")
    page.locator("#end").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_nothing_a_person_types_ever_runs(open_page: OpenPage) -> None:
    page = open_page()
    for number, attack in enumerate(ATTACKS, start=1):
        say(page, attack)
        expect(own(page)).to_have_count(number)
        answered(page, number)
    page.reload()
    expect(own(page)).to_have_count(len(ATTACKS))
    assert page.evaluate("window.ran") is None
    assert page.locator("#log :is(script, img, svg, iframe, style, input, template)").count() == 0
    assert own(page).first.inner_text() == ATTACKS[0]


def test_markdown_from_the_assistant_never_runs_either(open_page: OpenPage) -> None:
    page = open_page()
    page.evaluate(
        """async (attacks) => {
          const { markdown } = await import('./markdown.js');
          for (const attack of attacks) document.querySelector('#log').append(markdown(attack));
        }""",
        list(ATTACKS),
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    assert page.locator("#log :is(script, img, svg, iframe, style, input, template)").count() == 0
    links = page.locator("#log a").evaluate_all("all => all.map(one => one.protocol)")
    assert set(links) <= {"http:", "https:", "mailto:", "tel:"}


def test_a_site_that_is_not_allowed_is_told_which_setting_lacks_it(open_page: OpenPage, server: Server) -> None:
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    script = (
        "const Real = WebSocket; window.WebSocket = class extends Real { constructor() "
        f"{{ super('{server.ws_url}'); }} }};"
    )
    page = open_page(url=elsewhere, script=script)
    notice = page.locator("#notice")
    expect(notice).to_contain_text("ALLOWED_ORIGINS")
    expect(notice).to_contain_text(elsewhere)


def test_over_plain_http_on_a_lan_messages_still_get_ids(open_page: OpenPage) -> None:
    sent: list[str] = []
    page = open_page(script="Object.defineProperty(crypto, 'randomUUID', { value: undefined })")
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(str(text))))
    page.reload()
    say(page, QUESTION)
    expect(answered(page)).to_contain_text(PRICE)
    ids = [json.loads(text)["clientMessageId"] for text in sent if "sendMessage" in text]
    assert len(ids) == 1 and uuid.UUID(ids[0]).version == 4


def contrast(page: Page, selector: str) -> float:
    """WCAG contrast of an element's text with what is painted behind it."""
    return float(
        page.locator(selector).last.evaluate(
            """(element) => {
              const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
              const light = (colour) => numbers(colour).slice(0, 3).map((value) => value / 255)
                .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
                .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
              let behind = element;
              while (numbers(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
              const [a, b] = [light(getComputedStyle(element).color), light(getComputedStyle(behind).backgroundColor)];
              return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            }"""
        )
    )


def test_an_emergency_is_shown_from_its_first_words_on_a_small_phone(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 360, "height": 640})
    say(page, "cheiro de gás na cozinha")
    words = answered(page).get_by_text("Não toque em interruptores")
    expect(page.get_by_text("Ajudou?")).to_have_count(1)
    expect(words).to_be_in_viewport()
