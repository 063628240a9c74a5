"""Statistics and the pipeline."""

import json
import re

import pytest

from ops.kibana import build, query_table
from tests.browser.conftest import WAITED
from tests.support.site import _page
from tests.support.stack import awaited

VEGA, AT = "script[data-interpreter]", "data-interpreter"
DRAWN = """async ([spec, values, interpreter]) => {
  const { expressionInterpreter } = await import(interpreter);
  const compiled = vegaLite.compile({ ...spec, width: 900, height: 200, data: { values } }).spec;
  const view = new vega.View(vega.parse(compiled, null, { ast: true }), { expr: expressionInterpreter });
  const drawn = new DOMParser().parseFromString(await view.toSVG(), "image/svg+xml");
  return [...drawn.querySelectorAll("text")].map(text => text.textContent);
}"""


def bucket(key, searches, in_vain=0, clicked=0, unclicked=0, corrected=0, position=None, took=(None, None)):
    """As Elasticsearch answers."""
    counts = {"in_vain": in_vain, "clicked": clicked, "unclicked": unclicked, "corrected": corrected}
    return {
        "key": key,
        "doc_count": searches,
        **{name: {"doc_count": count} for name, count in counts.items()},
        "position": {"value": position},
        "took": {"values": dict(zip(("50.0", "99.0"), took, strict=True))},
    }


BUCKETS = [
    bucket("", 5),
    bucket("김치찌개", 1),
    bucket("harbor", 1200, 1, 300, 3, 2, 1.5, (7.2, 30.8)),
]


def test_every_figure_is_drawn_and_has_its_numbers_beside(visit, place):
    page = visit("/statistics", "en", token=place.admin)
    page.wait_for_selector("html[data-drawn]", state="attached")
    assert page.locator("figure svg.marks").count() == page.locator("figure").count() == 10
    assert page.locator("figure table tbody tr").count() > 20
    for height in page.locator(".chart").evaluate_all("all => all.map(one => one.firstElementChild.scrollHeight)"):
        assert height <= 222


@pytest.mark.parametrize("width", [1280, 360])
def test_no_label_breaks(visit, place, width):
    page = visit("/statistics", "en", width, token=place.admin)
    page.wait_for_selector("html[data-drawn]", state="attached")
    lines = (
        """all => all.map(one => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight))"""
    )
    labels = page.locator(".numbers tbody th, .tiles dd")
    assert labels.count() > 30
    assert [place for place, height in enumerate(labels.evaluate_all(lines)) if height > 1.9] == []


def test_another_time_and_another_colour_are_links(visit):
    page = visit("/statistics", "en")
    page.get_by_role("link", name="7 days").click()
    page.wait_for_url("**days=7**")
    page.get_by_role("link", name="Language").click()
    page.wait_for_url("**by=locale**")
    assert page.locator("figure thead th", has_text="Korean (South Korea)").count()


def test_charts_follow_the_colours_of_the_system(visit):
    page = visit("/statistics", "en")
    page.wait_for_selector("html[data-drawn]", state="attached")
    bar = "document.querySelector('.mark-rect path').getAttribute('fill')"
    light = page.evaluate(bar)
    page.emulate_media(color_scheme="dark")
    awaited(lambda: page.evaluate(bar) != light, WAITED)


def test_hours_are_the_readers_in_the_chart_and_in_the_table(visit):
    page = visit("/pipeline", "ko", timezone_id="Asia/Seoul")
    page.wait_for_selector("html[data-drawn]", state="attached")
    [moment, shown] = page.locator(".numbers time").first.evaluate("one => [one.dateTime, one.textContent]")
    hour = int(moment[11:13])
    assert shown == f"{(hour + 9) % 24:02}{moment[13:16]}"
    labels = [text for text in page.locator("figure .role-axis-label text").all_text_contents() if ":" in text]
    assert labels and {(hour + 9) % 24, (hour + 8) % 24} >= {int(label[:2]) for label in labels}


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/Los_Angeles"])
def test_days_are_those_of_the_table_wherever_the_reader_is(visit, zone):
    page = visit("/statistics?days=7", "en", timezone_id=zone)
    page.wait_for_selector("html[data-drawn]", state="attached")
    figure = page.locator("figure", has=page.locator("#figure-over_time"))
    written = {text.split()[0] for text in figure.locator("tbody th").all_text_contents()}
    told = figure.locator(".mark-rect path").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert told and {re.search(r"at: (\d+) \w+", label)[1] for label in told} == written


def test_every_chart_of_kibanas_export_compiles(visit):
    page = visit("/statistics", "en")
    page.wait_for_selector("html[data-drawn]", state="attached")
    for line in build.files()["dashboards.ndjson"].splitlines():
        one = json.loads(line)
        if one["type"] == "visualization":
            spec = json.loads(json.loads(one["attributes"]["visState"])["params"]["spec"])
            assert page.evaluate("spec => Boolean(vegaLite.compile(spec).spec.marks)", spec), one["id"]


def test_kibanas_table_shows_the_numbers_of_each_query(visit):
    page = visit("/statistics", "en")
    page.wait_for_selector("html[data-drawn]", state="attached")
    cells = page.evaluate(
        DRAWN, [query_table.specification(build.SCHEMA), BUCKETS, page.locator(VEGA).get_attribute(AT)]
    )
    titles, queries, rest = cells[:8], cells[8:10], cells[10:]
    assert titles == list(query_table.COLUMNS)
    assert queries == ["harbor", "김치찌개"], "the most frequent first, and nothing of the empty query"
    assert rest[:8] == ["1", "0", "0%", "–", "0", "0", "–", "–"]
    assert rest[8:] == ["1,200", "1", "25%", "1.5", "3", "2", "7", "31"]


def test_the_pipeline_renews_itself(visit, place):
    page = visit("/pipeline", "en")
    topic = "crawl.live.example"
    assert page.get_by_role("rowheader", name="live.example").count() == 0
    place.site.log.append(topic, _page("https://live.example/1", place.site.services.now_ms()))
    page.get_by_role("rowheader", name="live.example").wait_for()
    awaited(lambda: "–" not in page.locator(".tiles").inner_text(), WAITED)


def test_a_server_that_is_away_is_said_and_forgotten_when_it_is_back(visit, place, monkeypatch):
    page = visit("/pipeline", "en")
    page.route("**/pipeline/live**", lambda route: route.abort())
    page.get_by_text("The server does not answer.").wait_for()
    page.unroute("**/pipeline/live**")
    awaited(lambda: page.locator("#trouble").inner_text() == "", WAITED)
    visit.complaints.clear()  # the requests that came to nothing


def test_what_became_of_a_page_is_told(visit):
    page = visit("/pipeline", "ko")
    page.fill("#url", "https://news.example/3")
    page.press("#url", "Enter")
    page.get_by_text("robots.txt가 이 페이지의 수집을 금지합니다").wait_for()


def test_a_dead_letter_is_sent_again_with_the_keyboard(visit, place):
    page = visit("/pipeline/dead-letters", "en", token=place.admin)
    before = len(list(place.site.log.read("crawl.news.example", 0, 0, 1000)))
    page.locator("input[name=record]").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Send again").press("Enter")
    page.get_by_text("Sent again: 1.").wait_for()
    assert len(list(place.site.log.read("crawl.news.example", 0, 0, 1000))) == before + 1
