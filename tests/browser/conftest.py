"""Chromium, and the pages around in-memory stores: what they show is known, and no server is needed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from riverline.settings import ROOT
from tests.support.site import Site, filled, people, served

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SCREENS = ROOT / "artefacts" / "screens"
WAITED = 60.0  # seconds in which what a page is about to do must be done
LOCALES = {"ko": "ko-KR", "en": "en-US"}
SHIFTS = """new Promise(done => new PerformanceObserver(list =>
    done(list.getEntries().filter(one => !one.hadRecentInput).reduce((sum, one) => sum + one.value, 0)))
    .observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 500))"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's own Chromium: the one that playwright would fetch comes from no package registry.

    Not for longer than a module: playwright's loop runs in this thread, where no other may run until it has ended.
    """
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("there is no Chromium on this machine (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Place:
    """A site that is served, and the tokens of a user and an administrator."""

    site: Site
    address: str
    user: str
    admin: str


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    made = filled()
    user, admin = people(made)
    server = served(made.app())
    yield Place(made, f"http://127.0.0.1:{server.server_port}", user, admin)
    server.shutdown()


@dataclass
class Visits:
    """Opens pages, and hears what they complain of."""

    chromium: Browser
    address: str
    complaints: list[str] = field(default_factory=list)
    closing: list[Callable[[], None]] = field(default_factory=list)

    def __call__(
        self, path: str, language: str = "ko", width: int = 1280, scheme: str = "light", token: str = "", **more
    ) -> Page:
        context = self.chromium.new_context(
            base_url=self.address,
            locale=LOCALES[language],
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            user_agent="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0",  # no bot's
            **more,
        )
        self.closing.append(context.close)
        context.set_default_timeout(60_000)
        if token:
            context.add_cookies([{"name": "riverline_token", "value": token, "url": self.address}])
        page = context.new_page()
        page.on("console", lambda one: self.complaints.append(one.text) if one.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(path)
        return page


@pytest.fixture
def visit(chromium: Browser, place: Place) -> Iterator[Visits]:
    """No page may complain in its console."""
    visits = Visits(chromium, place.address)
    yield visits
    for close in visits.closing:
        close()
    assert visits.complaints == []


def serious(page: Page) -> list[str]:
    """What axe-core takes for a serious or critical hindrance. Evaluated from outside, past the page's policy."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['html'][:160]}: {node['failureSummary'][:200]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def begin(page: Page, text: str) -> None:
    """Types into the field that the page gives the focus: it does so when it is first drawn, not when it is there."""
    page.locator("input:focus").wait_for()
    page.keyboard.type(text)


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def keep(page: Page, name: str, whole: bool = True) -> None:
    """Keeps a screenshot, to be looked at: of the whole page, or of what is seen first."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{re.sub('[^a-z0-9-]+', '-', name)}.png", full_page=whole)
