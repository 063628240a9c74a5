"""`/api/v1/stats/index`, `/searches` and `/queries`."""

import pytest

from riverline.model import Search
from tests.unit.api.conftest import DAY, NOW, document, fate


def search(desk, keyword, hits, at=NOW - 1):
    desk.index.record_search(Search(keyword, "ko-KR", at, hits, 7, f"{keyword}{at}"))


def test_documents_are_counted_over_time_and_by_what_they_are(desk):
    desk.put(
        document("/a", crawled_at=NOW - 1, locale="ko-KR"),
        document("/b", crawled_at=NOW - 2 * DAY, locale="en-US"),
        document("/old", crawled_at=NOW - 40 * DAY),
        fates=[fate(1), fate(2, "duplicate")],
    )
    body = desk.get("/api/v1/stats/index").json
    assert (body["total"], body["duplicate_rate"]) == (2, 0.5)
    assert [moment["documents"] for moment in body["over_time"]] == [1, 1]
    assert body["by"]["site"] == [{"value": "news.example", "count": 2}]
    assert {one["value"] for one in body["by"]["locale"]} == {"ko-KR", "en-US"}


def test_searches_are_counted_with_their_clicks(desk):
    search(desk, "강", 3)
    search(desk, "없음", 0)
    search(desk, "강", 3, NOW - DAY)
    desk.clicks._now_ms = lambda: NOW - 1
    desk.clicks.add("r", "u", 1)
    body = desk.get("/api/v1/stats/searches").json
    assert (body["total"], body["fruitless"], body["clicks"]) == (3, 1, 1)
    assert body["click_through"] == pytest.approx(1 / 3)
    assert body["top"][0] == {"value": "강", "count": 2}
    assert body["top_fruitless"] == [{"value": "없음", "count": 1}]
    assert body["took_ms"]["50"] == 7.0
    assert [(moment["searches"], moment["clicks"]) for moment in body["over_time"]] == [(1, 0), (2, 1)]


def test_numbers_over_time_come_as_csv_too(desk):
    search(desk, "강", 3, NOW)
    answer = desk.get("/api/v1/stats/searches?format=csv&interval=hour&from=2025-10-09&to=2025-10-10")
    assert answer.mimetype == "text/csv"
    assert answer.get_data(as_text=True).splitlines() == ["at,searches,clicks", "2025-10-09T08:00:00.000Z,1,0"]


@pytest.mark.parametrize(
    "wrong", ["from=2026-01-02&to=2026-01-01", "interval=hour&from=2020-01-01", "interval=year", "colour=red"]
)
def test_a_wrong_time_is_refused(desk, wrong):
    assert desk.get(f"/api/v1/stats/index?{wrong}").status_code == 422


def test_queries_are_told_with_what_came_of_them(desk):
    for n, hits in enumerate((3, 0)):
        desk.index.record_search(Search("강", "", NOW - 1, hits, 7, f"r{n}", corrected=not n))
    desk.index.note_click("r0", 2, NOW)
    numbers = {"searches": 2, "in_vain": 1, "clicked": 1, "unclicked": 0, "corrected": 1, "click_through": 0.5}
    wanted = {"query": "강", **numbers, "position": 2.0, "p50_ms": 7.0, "p99_ms": 7.0}
    assert desk.get("/api/v1/stats/queries").json == {"items": [wanted]}
    lines = desk.get("/api/v1/stats/queries?format=csv&limit=5").get_data(as_text=True).splitlines()
    assert lines == [",".join(wanted), "강,2,1,1,0,1,0.5,2.0,7.0,7.0"]
    assert desk.get("/api/v1/stats/queries?from=2026-01-02&to=2026-01-01").status_code == 422
