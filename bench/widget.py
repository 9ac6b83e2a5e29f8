"""How the widget feels on a slow phone: `make bench`. Chromium's own throttle makes the processor four times slower.

Prints the time from click to an open window, long tasks while 1,000 messages come and are scrolled through, layout
shift, and what it weighs.
"""

import gzip
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.chromium import ARGUMENTS, find
from tests.page.scripted import Script, message
from tests.server import ROOT, Server
from tests.widget.person import answers, launcher, log, open_chat, ready, window

SITE = ROOT / "chalicelib" / "site"
RUNS, SLOWER, MESSAGES, BATCH = 5, 4, 1000, 50
TEXT = "**Limpeza:** R$ 150 a R$ 280 por diária.\n\n- pisos\n- banheiros\n\nVeja os [serviços](/services/)."
# From the press to the first frame in which the window can be seen.
CLICK = """() => new Promise((resolve) => {
  const { shadowRoot } = document.querySelector('chat-assistente');
  const began = performance.now();
  shadowRoot.querySelector('.launcher').click();
  const look = () => {
    const panel = shadowRoot.querySelector('chat-assistente-panel');
    if (panel?.shadowRoot?.querySelector('.window')?.offsetHeight) resolve(performance.now() - began);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
OBSERVE = """() => {
  window.seen = { longtask: [], 'layout-shift': [] };
  for (const type of Object.keys(window.seen))
    new PerformanceObserver((list) => list.getEntries().forEach((entry) =>
      entry.hadRecentInput || window.seen[type].push(entry.duration || entry.value))).observe({ type });
}"""


def new_page(browser: Browser, url: str, script: Script) -> Page:
    page = browser.new_context(locale="pt-BR", viewport={"width": 390, "height": 844}).new_page()
    page.route_web_socket("**/ws", script)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return page


def slow_down(page: Page, rate: int) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})


def opening(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds from click to window, and the layout shift of it."""
    page = new_page(browser, url, Script())
    launcher(page).hover()  # as a pointer does on its way to a click
    page.wait_for_load_state("networkidle")
    slow_down(page, SLOWER)
    page.evaluate(OBSERVE)
    took = float(page.evaluate(CLICK))
    expect(window(page)).to_be_visible()
    page.wait_for_timeout(500)
    shifted = sum(page.evaluate("window.seen['layout-shift']"))
    page.context.close()
    return took, shifted


def a_thousand_messages(browser: Browser, url: str) -> tuple[list[float], int]:
    """Tasks over 50 ms while they come in batches as `history` frames and one by one, and how many are shown."""
    script = Script()
    page = new_page(browser, url, script)
    open_chat(page)
    ready(page)
    page.evaluate(OBSERVE)
    for first in range(MESSAGES - BATCH, 0, -BATCH):
        batch = [message(f"{seq}. {TEXT}", seq) for seq in range(first + 1, first + BATCH + 1)]
        script.say("history", messages=batch, more=True)
        expect(answers(page)).to_have_count(MESSAGES - first, timeout=30_000)
    for seq in range(MESSAGES + 1, MESSAGES + BATCH + 1):
        script.say("message", **message(f"{seq}. {TEXT}", seq))
    expect(answers(page)).to_have_count(MESSAGES, timeout=60_000)
    log(page).hover()
    for _ in range(20):
        page.mouse.wheel(0, -3000)
        page.wait_for_timeout(50)
    page.wait_for_timeout(500)
    tasks, count = page.evaluate("window.seen.longtask"), answers(page).count()
    page.context.close()
    return tasks, count


def weigh() -> str:
    sizes = {
        path.name: len(gzip.compress(path.read_bytes(), 9)) for path in (SITE / "widget.js", *SITE.rglob("panel-*"))
    }
    return ", ".join(f"{name} {size / 1024:.1f} KB" for name, size in sizes.items())


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        runs = [opening(browser, server.url) for _ in range(RUNS)]
        times = [took for took, _ in runs]
        print(f"weight, gzip: {weigh()}")
        print(f"click to window, processor {SLOWER} times slower: median {statistics.median(times):.0f} ms", end=" ")
        shifted = max(shift for _, shift in runs)
        print(f"(from {min(times):.0f} to {max(times):.0f}, {RUNS} runs), layout shift {shifted:.4f}")
        tasks, count = a_thousand_messages(browser, server.url)
        print(f"{count} messages: {len(tasks)} tasks over 50 ms, the longest {max(tasks, default=0):.0f} ms")
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
