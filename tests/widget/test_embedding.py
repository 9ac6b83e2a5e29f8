"""One tag on somebody else's page: strict policies, foreign styles, and what it weighs."""

import gzip
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Page, Request, expect

from tests.server import ROOT, Server
from tests.widget.conftest import OpenSite
from tests.widget.person import QUESTION, answered, answers, field, launcher, log, open_chat, say, window

SITE = ROOT / "chalicelib" / "site"
STRICT = (
    "default-src 'none'; script-src 'nonce-abc123'; style-src 'nonce-abc123'; connect-src {home} {socket}; "
    "img-src data:; base-uri 'none'; require-trusted-types-for 'script'; trusted-types lit-html"
)
HOST = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Outro site</title>
<link rel="icon" href="data:,"><style nonce="abc123">{style}</style></head>
<body><main><h1>Outro site</h1><p id="theirs">Texto</p></main>
{tag}</body></html>"""
SCRIPT = '<script nonce="abc123" src="{home}/widget.js" data-assistant-name="Bia" data-theme="dark"></script>'
HOSTILE = (
    "* { color: red !important; font-size: 40px !important; letter-spacing: 9px !important; text-transform: uppercase }"
    "button { display: none !important } div, p, article { background: lime !important; border: 9px solid }"
    "html { font-size: 62.5% }"
)
WATCH = """window.violations = [];
addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective));"""

OpenHost = Callable[..., Page]


class Host(ThreadingHTTPServer):
    """Somebody else's site: another origin, one page, `page` and `policy` as a test wants them."""

    page = policy = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        Thread(target=self.serve_forever, daemon=True).start()


class Answer(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(self.server.page.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    running = Host()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture(scope="module")
def assistant(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("data"), ALLOWED_ORIGINS=host.url)
    yield running
    running.stop()


@pytest.fixture
def open_host(open_site: OpenSite, host: Host, assistant: Server) -> OpenHost:
    """The other site's page, with the widget in it."""

    def begin(tag: str = "", style: str = "", lang: str = "pt-BR", **options: object) -> Page:
        script = SCRIPT.format(home=assistant.url)
        host.policy = STRICT.format(home=assistant.url, socket=assistant.ws_url)
        host.page = HOST.format(tag=tag + script, style=style, lang=lang)
        return open_site(url=host.url, script=WATCH, **options)

    return begin


def test_one_script_tag_works_under_a_strict_policy_with_nonce_and_trusted_types(open_host: OpenHost) -> None:
    page = open_host()
    expect(launcher(page)).to_have_accessible_name("Abrir o chat com Bia")
    open_chat(page)
    say(page, QUESTION)
    answered(page)
    assert page.evaluate("window.violations") == []


def test_the_button_is_on_every_page_of_the_other_site(open_host: OpenHost) -> None:
    """From the second page on the browser asks whether the script has changed, and must be told in what type."""
    page = open_host()
    for _ in range(3):
        expect(launcher(page)).to_be_visible()
        page.reload()
    expect(launcher(page)).to_be_visible()


def test_the_element_works_too_and_there_is_only_one(open_host: OpenHost) -> None:
    element = '<chat-assistente assistant-name="Lia" locale="en"></chat-assistente>'
    page = open_host(element)
    expect(page.locator("chat-assistente")).to_have_count(1)
    expect(launcher(page)).to_have_accessible_name("Open the chat with Lia")


def test_an_english_page_is_answered_in_english(open_host: OpenHost) -> None:
    page = open_host(lang="en")
    launcher(page).click()
    expect(page.get_by_label("Write your message")).to_be_visible()
    expect(answers(page).first).to_contain_text("Sophie")
    expect(page.get_by_role("dialog", name="Conversation with")).to_be_visible()


def test_styles_leak_neither_in_nor_out(open_host: OpenHost) -> None:
    page = open_host(style=HOSTILE)
    before = page.locator("#theirs").evaluate("(one) => JSON.stringify({ ...getComputedStyle(one) })")
    expect(launcher(page)).to_be_visible()
    open_chat(page)
    expect(answers(page).first).to_be_visible()
    seen = (
        answers(page)
        .first.locator(".bubble")
        .evaluate(
            "(one) => { const { fontSize, letterSpacing, textTransform, color } = getComputedStyle(one);"
            " return [fontSize, letterSpacing, textTransform, color]; }"
        )
    )
    assert seen[:3] == ["15px", "normal", "none"] and seen[3] != "rgb(255, 0, 0)"
    assert page.locator("#theirs").evaluate("(one) => JSON.stringify({ ...getComputedStyle(one) })") == before


def test_place_layer_and_colour_are_the_hosts_to_choose(open_host: OpenHost) -> None:
    chosen = "chat-assistente { --chat-bottom: 300px; --chat-right: 50px; --chat-z-index: 7; --chat-brand: #800080 }"
    page = open_host(style=chosen)
    box = launcher(page).bounding_box()
    assert box and box["y"] + box["height"] == 500 and box["x"] + box["width"] == 1230
    assert launcher(page).evaluate("(one) => getComputedStyle(one.parentElement).zIndex") == "7"
    assert launcher(page).evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(128, 0, 128)"


def test_one_request_of_8_kb_before_it_is_wanted_and_40_kb_in_all(open_site: OpenSite, server: Server) -> None:
    ours: list[str] = []
    sockets: list[str] = []

    def asked(request: Request) -> None:
        if "widget.js" in request.url or "/assets/panel" in request.url:
            ours.append(request.url.rpartition("/")[2])

    page = open_site("termos/")
    page.on("request", asked)
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(server.url)
    expect(launcher(page)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert ours == ["widget.js"] and not sockets
    launcher(page).hover()
    page.wait_for_load_state("networkidle")
    assert len(ours) == 2 and not sockets
    launcher(page).click()
    expect(answers(page).first).to_be_visible()
    assert len(ours) == 2 and len(sockets) == 1
    sizes = [len(gzip.compress(next(SITE.rglob(name)).read_bytes(), 9)) for name in ours]
    assert sizes[0] <= 8 * 1024 and sum(sizes) <= 40 * 1024


def test_opening_moves_nothing_on_the_page(open_site: OpenSite) -> None:
    page = open_site()
    page.wait_for_load_state("networkidle")
    page.evaluate(
        "() => { window.shifted = []; new PerformanceObserver((list) => list.getEntries().forEach((entry) => "
        "entry.hadRecentInput || window.shifted.push(entry.value))).observe({ type: 'layout-shift' }); }"
    )
    open_chat(page)
    expect(answers(page).first).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate("window.shifted") == []


def test_the_field_keeps_a_strangers_page_scrollable(open_host: OpenHost) -> None:
    page = open_host()
    open_chat(page)
    field(page).fill("x")
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "visible"
    expect(window(page)).to_be_visible()
    expect(log(page)).to_be_visible()
