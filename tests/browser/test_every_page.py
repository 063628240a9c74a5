"""What holds for every page, in both languages, narrow and wide, light and dark."""

import itertools
import os

import pytest

from tests.browser.conftest import SHIFTS, is_too_wide, keep, serious

PAGES = {
    "search": ("/", ""),
    "results": ("/?q=river", ""),
    "videos": ("/?q=river&content_type=video", ""),
    "nothing": ("/?q=qqqqqqqq", ""),
    "feed": ("/feed", "user"),
    "feed-closed": ("/feed", ""),
    "people": ("/people", "user"),
    "person": ("/people/2", "user"),
    "followers": ("/people/1/followers", ""),
    "post": ("/posts/{post}", ""),
    "login": ("/login", ""),
    "join": ("/join", ""),
    "account": ("/account", "user"),
    "removals": ("/removals?kind=post&subject=3", "admin"),
    "audit-log": ("/audit-log", "admin"),
    "outgoing-mail": ("/outgoing-mail", "admin"),
    "statistics": ("/statistics", "admin"),
    "pipeline": ("/pipeline?url=https://news.example/3", "admin"),
    "topic": ("/pipeline/topics/crawl.news.example", ""),
    "stage": ("/pipeline/stages/parse", ""),
    "records": ("/pipeline/records?outcome=dead", ""),
    "targets": ("/targets", "admin"),
    "target": ("/targets/gazette", "admin"),
    "dead-letters": ("/pipeline/dead-letters", "admin"),
}
TRANSFERRED = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, one) => sum + one.transferSize, 0)"""
WAYS = [("ko", 1280, "light"), ("en", 360, "dark")]
if os.environ.get("SCREENS") == "all":
    WAYS = list(itertools.product(("ko", "en"), (1280, 360), ("light", "dark")))


def settle(page):
    if page.locator(".chart").count():
        page.wait_for_selector("html[data-drawn]", state="attached")


@pytest.mark.parametrize(("language", "width", "scheme"), WAYS, ids=lambda value: str(value))
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_hinders_nobody(visit, place, name, language, width, scheme):
    path, who = PAGES[name]
    path = path.format(post=place.site.feed.repository.authored(2, 0, 1)[0].id)
    page = visit(path, language, width, scheme, getattr(place, who) if who else "")
    settle(page)
    keep(page, f"{name}-{language}-{width}-{scheme}")
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    assert not is_too_wide(page)
    assert serious(page) == []


@pytest.mark.parametrize(("path", "who"), [("/statistics", "admin"), ("/?q=river", ""), ("/feed", "user")])
def test_nothing_moves_while_a_page_comes_up(visit, place, path, who):
    page = visit(path, token=getattr(place, who) if who else "")
    settle(page)
    assert page.evaluate(SHIFTS) < 0.02


def test_the_search_page_weighs_little_and_less_when_one_comes_back(visit):
    """Without nginx's compression, which takes two thirds off."""
    page = visit("/?q=river", "en")
    page.wait_for_load_state("load")
    first = page.evaluate(TRANSFERRED)
    assert 10_000 < first < 150_000
    page.goto("/?q=quay")
    page.wait_for_load_state("load")
    assert 1_000 < page.evaluate(TRANSFERRED) < 60_000


@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_error_is_a_page(visit, language):
    page = visit("/absent", language, 360)
    keep(page, f"absent-{language}")
    assert page.locator("h1").inner_text() == {"ko": "페이지를 찾을 수 없습니다", "en": "Page not found"}[language]
    assert serious(page) == []
    # That the page is a 404 is what the console says of it.
    assert [text for text in visit.complaints if "404" not in text] == []
    visit.complaints.clear()


def test_the_language_can_be_switched_and_stays(visit):
    page = visit("/?q=river", "ko")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/?q=river")
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/people")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_first_stop_of_the_keyboard_leads_to_the_content(visit):
    page = visit("/people", "en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_whoever_wants_less_motion_gets_none(visit):
    page = visit("/people", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.querySelector('.main a')).transitionDuration") == "0s"


def test_the_documentation_of_the_api_comes_up(visit):
    page = visit("/docs")
    page.wait_for_selector(".swagger-ui .info")
