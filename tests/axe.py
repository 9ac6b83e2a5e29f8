"""What axe-core finds on a page; the page is evaluated with AXE first, and opened with `bypass_csp`."""

from playwright.sync_api import Page

from tests.server import ROOT

AXE = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def violations(page: Page, part: str = "html") -> list[str]:
    found = page.evaluate("(part) => axe.run(part, { resultTypes: ['violations'] })", part)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
