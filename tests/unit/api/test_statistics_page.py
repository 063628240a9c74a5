"""The page of statistics, and Kibana's export of the same charts."""

import json
import re
from itertools import pairwise

import pytest

from ops.kibana import build, query_table
from riverline.accounts.tokens import ADMIN
from riverline.model import Search
from riverline_api.web.charts import FOLDER, names, shared, specification
from tests.support.site import DAY, empty
from tests.unit.api.conftest import document, fate
from tests.unit.api.test_feed_pages import NOW, Browser


@pytest.fixture
def site():
    made = empty(lambda: NOW)
    made.index.write(
        [document("/a", crawled_at=NOW - 1), document("/b", crawled_at=NOW - 2 * DAY, source="post")],
        [fate(1), fate(2, "duplicate", reason="text")],
    )
    made.index.refresh()
    made.index.record_search(Search("<강>", "", NOW - 1, 0, 7, "a"))
    return made


def data(html):
    return [json.loads(found) for found in re.findall(r'<script type="application/json">(.+?)</script>', html)]


def test_a_chart_and_its_table_show_the_same_numbers(site):
    html = Browser(site).html("/statistics")
    rows = data(html)[0]["rows"]
    assert sorted((row["series"], row["count"]) for row in rows if row["count"]) == [("post", 1), ("web", 1)]
    assert len(re.findall(r"<th scope=\"row\">\d+ (?:Sep|Oct) 2025</th>", html)) == 31


def test_the_series_can_be_chosen(site):
    assert data(Browser(site).html("/statistics?by=locale"))[0]["rows"][0]["series"] == "not known"
    assert Browser(site).get("/statistics?by=colour&days=999999").status_code == 200


def test_searches_are_shown_to_administrators_alone(site):
    assert "강" not in Browser(site).html("/statistics")
    assert "강" not in Browser(site, site.join("mina")[1]).html("/statistics")
    html = Browser(site, site.token(None, ADMIN)).html("/statistics")
    assert "&lt;강&gt;" in html
    assert "<강>" not in html


def test_each_query_leads_to_its_search_and_the_table_can_be_kept(site):
    site.index.record_search(Search("강 & 산", "", NOW - 1, 3, 7, "b", filtered=True))
    admin = Browser(site, site.token(None, ADMIN))
    html = admin.html("/statistics?days=7")
    assert 'href="/?q=%EA%B0%95%20%26%20%EC%82%B0"' in html and 'href="/statistics/queries.csv?days=7"' in html
    answer = admin.get("/statistics/queries.csv?days=7")
    assert answer.mimetype == "text/csv" and "강 & 산,1,0,0,1,0," in answer.get_data(as_text=True)
    assert Browser(site).get("/statistics/queries.csv").status_code in (302, 303, 401, 403)


def test_duplicates_of_every_kind_count_as_such(site):
    assert "50.0%" in Browser(site).html("/statistics")


def test_an_index_without_documents_has_an_empty_page():
    html = Browser(empty(lambda: NOW)).html("/statistics", **{"Accept-Language": "ko"})
    assert "이 기간의 데이터가 없습니다" in html
    assert data(html) == [] or all(one["rows"] for one in data(html))


@pytest.mark.parametrize("name", names())
def test_every_chart_reads_the_rows_that_pages_give(name):
    spec = specification(name)
    assert spec["data"] == {"name": "rows"}
    assert "usermeta" not in spec
    fields = {channel.get("field") for channel in spec["encoding"].values() if isinstance(channel, dict)}
    assert fields - {None} <= {"at", "series", "count", "value"}


def test_the_export_is_in_step_with_the_charts():
    for name, content in build.files().items():
        assert (build.OUT / name).read_bytes() == content, f"{name}: run `make kibana`"


def test_every_chart_stands_on_a_dashboard():
    shown = [chart for _, charts in build.DASHBOARDS.values() for chart in charts]
    assert sorted(shown) == sorted([*shared(), query_table.NAME])


def test_no_two_panels_of_a_dashboard_overlap():
    for line in build.files()["dashboards.ndjson"].splitlines():
        if (one := json.loads(line))["type"] == "dashboard":
            places = [panel["gridData"] for panel in json.loads(one["attributes"]["panelsJSON"])]
            squares = [
                (x, y)
                for place in places
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            ]
            assert len(squares) == len(set(squares)) and max(x for x, _ in squares) < build.COLUMNS


def test_every_reference_of_the_export_leads_to_one_of_its_objects():
    objects = [json.loads(line) for content in build.files().values() for line in content.splitlines()]
    there = {(one["type"], one["id"]) for one in objects}
    assert len(there) == len(objects)
    wanted = {(reference["type"], reference["id"]) for one in objects for reference in one["references"]}
    assert wanted <= there


@pytest.mark.parametrize("name", shared())
def test_kibana_draws_what_the_page_draws(name):
    own, exported = json.loads((FOLDER / f"{name}.json").read_text()), build.specification(name)
    assert (own["mark"], own["encoding"]) == (exported["mark"], exported["encoding"])
    made = {step["as"] if isinstance(step["as"], str) else step["as"][0] for step in exported["transform"]}
    fields = {channel.get("field") for channel in own["encoding"].values() if isinstance(channel, dict)}
    assert fields - {None} <= made


def test_an_axis_spans_the_chosen_time_with_empty_days_as_zero(site):
    rows = data(Browser(site).html("/statistics?days=7"))[0]["rows"]
    days = sorted({row["at"] for row in rows})
    assert len(days) == 8 and {later - earlier for earlier, later in pairwise(days)} == {DAY}
    assert sum(row["count"] for row in rows) == 2
    hours = data(Browser(site).html("/statistics?days=1"))[0]["rows"]
    assert len({row["at"] for row in hours}) == 25


def test_a_number_is_compared_with_the_time_before(site):
    site.index.write([document(f"/old{n}", crawled_at=NOW - 10 * DAY) for n in range(4)], [])
    site.index.refresh()
    assert "2 <small>-50% on the period before</small>" in Browser(site).html("/statistics?days=7")
    assert "period before" not in Browser(site).html("/statistics?days=30")


def test_the_zone_of_the_times_is_named(site):
    assert "Days begin at midnight UTC." in Browser(site).html("/statistics")
    assert "Hours are shown in UTC." in Browser(site).html("/statistics?days=1")


def test_languages_are_named(site):
    site.index.write([document("/k", locale="ko-KR", crawled_at=NOW - 2)], [])
    site.index.refresh()
    assert "Korean (South Korea)" in Browser(site).html("/statistics")
