"""How the widget feels on a slow phone: `make bench`. Chromium's own throttle makes the processor four times slower.

Prints the time from click to an open window, long tasks while 1,000 messages are asked for, scrolled through and
followed by 1,000 more, layout shift, and what it weighs.
"""

import gzip
import json
import statistics
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import Frame
from tests.chromium import ARGUMENTS, find
from tests.script import message
from tests.scripted import Script
from tests.server import ROOT, Server
from tests.widget.person import answers, launcher, log, open_chat, ready, window

SITE = ROOT / "chalicelib" / "site"
RUNS, SLOWER, MESSAGES, BATCH = 5, 4, 1000, 50
LONG_MS, PAUSE_MS = 50, 500
FLING = 8_000  # pixels a second, the fastest that Android lets a finger throw a page
WHEEL_MS, DISTANCE = 50, 60_000
TEXT = "**Limpeza:** R$ 150 a R$ 280 por diária.\n\n- pisos\n- banheiros\n\nVeja os [serviços](/services/)."
# From the press until the first frame in which the window can be seen has been drawn.
CLICK = """() => new Promise((resolve) => {
  const { shadowRoot } = document.querySelector('chat-assistente');
  const began = performance.now();
  shadowRoot.querySelector('.launcher').click();
  const look = () => {
    const panel = shadowRoot.querySelector('chat-assistente-panel');
    const there = panel?.shadowRoot?.querySelector('.window')?.checkVisibility({ visibilityProperty: true });
    if (!there) return requestAnimationFrame(look);
    const drawn = new MessageChannel();
    drawn.port1.onmessage = () => resolve(performance.now() - began);
    drawn.port2.postMessage('');
  };
  requestAnimationFrame(look);
})"""
OBSERVE = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) =>
    entry.hadRecentInput || window.shifts.push(entry.value))).observe({ type: 'layout-shift' });
}"""


class Task(NamedTuple):
    """Milliseconds a task took by the clock, and how many of them the processor worked on it.

    The first counts what else the machine was busy with: read it on an idle one, the second on any.
    """

    took: float
    worked: float


def new_page(browser: Browser, url: str, script: Script) -> Page:
    page = browser.new_context(locale="pt-BR", viewport={"width": 390, "height": 844}).new_page()
    page.route_web_socket("**/ws", script)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return page


def slow_down(page: Page, rate: int) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})


def opening(browser: Browser, url: str, hovered: bool) -> tuple[float, float, float]:
    """Milliseconds from click to window, how many of them its thread worked, and the layout shift of it.

    Without a pointer on its way to the click, the click fetches the window's code.
    """
    page = new_page(browser, url, Script())
    if hovered:
        launcher(page).hover()
        page.wait_for_function("() => !!customElements.get('chat-assistente-panel')")
    slow_down(page, SLOWER)
    page.evaluate(OBSERVE)
    browser.start_tracing(page=page, categories=["toplevel"])
    took = float(page.evaluate(CLICK))
    worked = sum(task.worked for task in main_thread(browser.stop_tracing()))
    expect(window(page)).to_be_visible()
    page.wait_for_timeout(PAUSE_MS)
    shifted = sum(page.evaluate("window.shifts"))
    page.context.close()
    return took, worked, shifted


def a_thousand_messages(browser: Browser, url: str) -> tuple[list[Task], int]:
    """The main thread's tasks while they are asked for page by page, while as many again come one by one and while they
    are scrolled through; and how many messages stood in the window before the new ones came.
    """

    def older(script: Script, frame: Frame) -> None:
        before = int(frame["before"].removeprefix("m"))
        script.say("history", messages=some(before - BATCH, before), more=before > BATCH + 1)

    def greet(script: Script, frame: Frame) -> None:
        script.greet(frame, history=tuple(some(MESSAGES - BATCH + 1, MESSAGES + 1)), more=True)

    script = Script(startSession=greet, loadHistory=older)
    page = new_page(browser, url, script)
    browser.start_tracing(page=page, categories=["toplevel"])
    open_chat(page)
    ready(page)
    more = page.get_by_role("button", name="Mensagens anteriores")
    while more.is_visible():
        more.evaluate("(button) => button.click()")
        page.wait_for_timeout(PAUSE_MS)
    count = answers(page).count()
    scroll(page)
    for seq in range(MESSAGES + 1, 2 * MESSAGES + 1):
        script.say("message", **message(f"{seq}. {TEXT}", seq))
    expect(page.locator(f"[data-key=m{2 * MESSAGES}]")).to_be_visible(timeout=60_000)
    tasks = main_thread(browser.stop_tracing())
    page.context.close()
    return tasks, count


def some(first: int, end: int) -> list[Frame]:
    return [message(f"{seq}. {TEXT}", seq) for seq in range(first, end)]


def scroll(page: Page) -> None:
    """Up as fast as a page can be thrown, and to the end again."""
    log(page).hover()
    step = FLING * WHEEL_MS // 1000
    for _ in range(DISTANCE // step):
        page.mouse.wheel(0, -step)
        page.wait_for_timeout(WHEEL_MS)
    page.locator("chat-assistente .scroll").evaluate("(one) => { one.scrollTop = one.scrollHeight; }")
    page.wait_for_timeout(PAUSE_MS)


def main_thread(trace: bytes) -> list[Task]:
    """What the busiest page's main thread did, task by task."""
    events = json.loads(trace)["traceEvents"]
    threads = {(one["pid"], one["tid"]) for one in events if one["args"].get("name") == "CrRendererMain"}
    tasks = [one for one in events if one["name"].endswith("RunTask") and (one["pid"], one["tid"]) in threads]
    return [Task(one["dur"] / 1000, one["tdur"] / 1000) for one in tasks if "tdur" in one]


def weigh() -> str:
    sizes = {
        path.name: len(gzip.compress(path.read_bytes(), 9)) for path in (SITE / "widget.js", *SITE.rglob("panel-*"))
    }
    return ", ".join(f"{name} {size / 1024:.1f} KB" for name, size in sizes.items())


def tell_opening(runs: list[tuple[float, float, float]], hovered: bool) -> None:
    took, worked, shifted = zip(*runs, strict=True)
    print(f"click to window {'after' if hovered else 'without'} a hover, processor {SLOWER} times slower:", end=" ")
    print(f"median {statistics.median(took):.0f} ms ({min(took):.0f} to {max(took):.0f}, {len(runs)} runs),", end=" ")
    print(f"of which it worked {statistics.median(worked):.0f} ms; layout shift {max(shifted):.4f}")


def tell_messages(runs: list[tuple[list[Task], int]]) -> None:
    for tasks, count in runs:
        long = [task for task in tasks if task.took > LONG_MS]
        busy = [task for task in tasks if task.worked > LONG_MS]
        print(f"{count} messages in the window, then {MESSAGES} more: {len(long)} tasks over {LONG_MS} ms", end=" ")
        print(f"(the longest {max(task.took for task in tasks):.0f} ms), {len(busy)} by processor time", end=" ")
        print(f"(the longest {max(task.worked for task in tasks):.0f} ms)")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        print(f"weight, gzip: {weigh()}")
        for hovered in (False, True):
            tell_opening([opening(browser, server.url, hovered) for _ in range(RUNS)], hovered)
        tell_messages([a_thousand_messages(browser, server.url) for _ in range(RUNS)])
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
