"""`GET /api/v1/crawl/fates`."""

from tests.unit.api.conftest import fate


def test_a_fate_is_found_by_its_url(desk):
    desk.put(fates=[fate(1), fate(2, "filtered", reason="robots")])
    body = desk.get("/api/v1/crawl/fates?url=https://news.example/2").json
    (item,) = body["items"]
    assert (item["outcome"], item["reason"], item["topic"], item["offset"]) == (
        "filtered",
        "robots",
        "crawl.news.example",
        2,
    )
    assert body["counts"] == {"filtered:robots": 1}


def test_fates_are_paged_through(desk):
    desk.put(fates=[fate(n) for n in range(5)])
    first = desk.get("/api/v1/crawl/fates?topic=crawl.news.example&limit=3").json
    second = desk.get(f"/api/v1/crawl/fates?topic=crawl.news.example&limit=3&cursor={first['next_cursor']}").json
    assert [item["offset"] for item in first["items"] + second["items"]] == [4, 3, 2, 1, 0]
    assert second["next_cursor"] is None


def test_an_outcome_that_does_not_exist_is_refused(desk):
    answer = desk.get("/api/v1/crawl/fates?outcome=lost")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == "outcome"


def test_a_dead_page_tells_where_it_failed(desk):
    desk.put(fates=[fate(1, "dead", reason="fault", traceback='File "parse.py", line 7')])
    (item,) = desk.get("/api/v1/crawl/fates?outcome=dead").json["items"]
    assert item["traceback"] == 'File "parse.py", line 7'
