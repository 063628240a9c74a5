"""The READMEs' pictures, taken from the pages. `make pictures` (PICTURES=write) puts new ones into `docs/assets`."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from riverline.settings import ROOT
from tests.browser.conftest import LOCALES, keep
from tests.support.lively_site import NOW, lively
from tests.support.site import served

ASSETS = ROOT / "docs" / "assets"
PAGES = {
    ("search", "en"): "/?q=harbor",
    ("search", "ko"): "/?q=김치찌개",
    ("pipeline", "en"): "/pipeline",
    ("pipeline", "ko"): "/pipeline",
}
WIDTH, HEIGHT = 1120, 760
MOST_BYTES = 60_000
ALIKE = 3.0  # of 255: how far squares of two pictures may be apart in the mean; dates, fonts and numbers are less
APART = """async ([one, other, across, down]) => {
  const pixels = async address => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(across, down), context = canvas.getContext("2d");
    context.drawImage(image, 0, 0, across, down);
    return [image.width, image.height, context.getImageData(0, 0, across, down).data];
  };
  const [width, height, mine] = await pixels(one), [otherWidth, otherHeight, theirs] = await pixels(other);
  if (width !== otherWidth || height !== otherHeight) return 255;
  return mine.reduce((sum, value, place) => sum + Math.abs(value - theirs[place]), 0) / (across * down * 3);
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = served(lively().app())
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def taken(chromium: Browser, address: str, name: str, language: str) -> bytes:
    """A picture of the upper part of a page, as WebP."""
    context = chromium.new_context(
        base_url=address,
        locale=LOCALES[language],
        timezone_id="UTC",
        viewport={"width": WIDTH, "height": HEIGHT},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.clock.set_fixed_time(NOW)
    page.goto(PAGES[name, language])  # the second time as quick as it mostly is
    page.goto(PAGES[name, language])
    if page.locator(".chart").count():
        page.wait_for_selector("html[data-drawn]", state="attached")
    page.evaluate("document.activeElement.blur()")
    keep(page, f"picture-{name}-{language}", whole=False)
    shot = context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": 60})
    context.close()
    return base64.b64decode(shot["data"])


def apart(page: Page, one: bytes, other: bytes) -> float:
    """The mean difference of two pictures, square by square."""
    both = [f"data:image/webp;base64,{base64.b64encode(picture).decode()}" for picture in (one, other)]
    return float(page.evaluate(APART, [*both, WIDTH // 20, HEIGHT // 20]))


@pytest.fixture(scope="module")
def blank(chromium: Browser) -> Page:
    return chromium.new_page()


def kept(name: str, language: str) -> Path:
    return ASSETS / f"{name}.{language}.webp"


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_a_picture_shows_the_page_as_it_is(chromium: Browser, blank: Page, address: str, name: str, language: str):
    """When this fails: `make pictures`, and look at them."""
    new = taken(chromium, address, name, language)
    if os.environ.get("PICTURES") == "write":
        kept(name, language).write_bytes(new)
    old = kept(name, language).read_bytes()
    assert len(old) < MOST_BYTES
    assert apart(blank, new, old) < ALIKE


def test_another_page_is_not_taken_for_the_same(blank: Page):
    one, other = (kept(name, "en").read_bytes() for name in ("search", "pipeline"))
    assert apart(blank, one, other) > 2 * ALIKE
