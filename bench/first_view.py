"""What a reader waits for and downloads: first paint and transferred bytes of pages of the running stack, in Chromium.

    source .riverline/env && python -m bench.first_view [--visits 15]

Each visit has a browser profile of its own, so that nothing is cached; then the same reader goes on to another search.
Beside them stands an answer of two lines from the same nginx, which is as fast as this machine and browser can be.
artefacts/first_view.md is the table.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

from riverline.settings import ROOT, Settings

VISITS = 15
REPORT = ROOT / "artefacts" / "first_view.md"
BARE = "/health/live"
WAYS = {"home": ("/", "/?q=lighthouse"), "search": ("/?q=김치찌개", "/?q=lighthouse"), "bare answer": (BARE, BARE)}
PAINTED = """new Promise(done => new PerformanceObserver(list => {
    for (const one of list.getEntries()) if (one.name === "first-contentful-paint") done(one.startTime); })
    .observe({type: "paint", buffered: true}))"""
TRANSFERRED = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, one) => sum + one.transferSize, 0)"""


@dataclass(frozen=True)
class View:
    """Milliseconds from the request to the first paint, and bytes with headers as they came over the wire."""

    paint: float
    transferred: int


def viewed(page: Page, path: str) -> View:
    """One page, when all that belongs to it is there."""
    page.goto(path)
    page.wait_for_load_state("load")
    return View(page.evaluate(PAINTED), page.evaluate(TRANSFERRED))


def visit(browser: Browser, address: str, paths: Sequence[str]) -> list[View]:
    """A new reader's way over some pages."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    views = [viewed(page, path) for path in paths]
    context.close()
    return views


def table(found: dict[str, list[list[View]]]) -> str:
    """artefacts/first_view.md: the median and the slowest of the visits, and the most bytes."""
    head = (
        "| way | first paint, ms: median | slowest | kB | then: median | slowest | kB |",
        "|---|---|---|---|---|---|---|",
    )
    rows = []
    for way, visits in found.items():
        cells = []
        for views in zip(*visits, strict=True):
            paints = [one.paint for one in views]
            most = max(one.transferred for one in views)
            cells += [f"{statistics.median(paints):.0f}", f"{max(paints):.0f}", f"{most / 1000:.1f}"]
        rows.append(f"| {' | '.join((way, *cells))} |")
    return "\n".join((*head, *rows, ""))


def main() -> None:
    """Visits each way in turn, so that what else the machine does meets all of them."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--visits", type=int, default=VISITS)
    given = arguments.parse_args()
    address = f"http://{Settings.load().api.site}"
    found: dict[str, list[list[View]]] = {way: [] for way in WAYS}
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for paths in WAYS.values():
            visit(browser, address, paths)  # does not count: the servers have their connections then
        for _ in range(given.visits):
            for way, paths in WAYS.items():
                found[way].append(visit(browser, address, paths))
        browser.close()
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(table(found))
    print(REPORT.read_text())


if __name__ == "__main__":
    main()
