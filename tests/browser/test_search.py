"""Searching, by keyboard and pointer."""

import pytest

from tests.browser.conftest import WAITED, begin, keep
from tests.support.stack import awaited


@pytest.mark.parametrize(("typed", "text"), [("ㅎㄱ", "한강"), ("riv", "river")])
def test_suggestions_are_chosen_with_the_keyboard(visit, typed, text):
    page = visit("/")
    begin(page, typed)
    box = page.get_by_role("listbox")
    box.wait_for()
    assert box.locator("mark").first.inner_text().lower() == (text if typed == "ㅎㄱ" else typed)
    field = page.locator("#q")
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert chosen.get_attribute("aria-selected") == "true"
    assert text in field.input_value()
    keep(page, "suggestions-" + ("en" if typed == "riv" else "ko"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=**")
    assert page.locator("article mark").count()


def test_escape_brings_back_what_was_typed(visit):
    page = visit("/")
    begin(page, "ㅎㄱ")
    page.get_by_role("listbox").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert page.locator("#q").input_value() == "ㅎㄱ"
    assert page.get_by_role("listbox").count() == 0


def test_a_facet_narrows_and_can_be_taken_back(visit):
    page = visit("/?q=river", "en")
    total = page.locator(".count").inner_text()
    page.get_by_role("link", name="science.example 10").click()
    page.wait_for_url("**site=science.example**")
    assert page.locator(".count").inner_text() != total
    page.get_by_role("link", name="Remove filter: science.example").click()
    page.wait_for_url(lambda url: "site=" not in url)
    assert page.locator(".count").inner_text().split()[0] == total.split()[0]


def test_a_click_on_a_result_is_counted(visit, place):
    page = visit("/?q=river&site=science.example", "en")
    page.route("https://science.example/**", lambda route: route.fulfill(body="there"))
    link = page.locator("article h2 a").nth(1)
    url = link.get_attribute("href")
    before = place.site.clicks.of([url]).get(url, 0)
    link.click()
    awaited(lambda: place.site.clicks.of([url]).get(url, 0) == before + 1, WAITED)


def test_more_results_follow_and_lead_back(visit):
    page = visit("/?q=river", "en")
    first = page.locator("article h2").all_inner_texts()
    page.get_by_role("link", name="More results").click()
    page.wait_for_url("**page=2")
    assert not set(first) & set(page.locator("article h2").all_inner_texts())


def test_searching_needs_no_script(visit):
    page = visit("/", "en", java_script_enabled=False)
    page.fill("#q", "river")
    page.press("#q", "Enter")
    page.wait_for_url("**/?q=river")
    assert page.locator("article mark").count()


def test_keys_lead_through_the_results(visit):
    page = visit("/?q=river", "en")
    for key, place in (("j", "1"), ("j", "2"), ("k", "1")):
        page.keyboard.press(key)
        assert page.locator("a:focus").get_attribute("data-place") == place
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("?j")
    assert page.locator("#q").input_value() == "?j"
    page.locator("h1").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


def test_on_a_phone_the_filters_stand_closed_above_the_results(visit):
    page = visit("/?q=river", "en", 360)
    filters = page.locator(".facets > summary")
    assert filters.bounding_box()["y"] < page.locator("article").first.bounding_box()["y"]
    assert not page.locator("#facet-site").is_visible()
    filters.click()
    assert page.locator("#facet-site").is_visible()
