"""`GET /api/v1/search` over the in-memory index."""

import pytest

from riverline.errors import Transient
from riverline.testing.memory import MemoryIndex
from tests.unit.api.conftest import DAY, NOW, document


def test_an_answer_holds_items_total_time_facets_and_the_requests_id(desk):
    desk.put(document(created_at=NOW - DAY, tags=("강",), locale="ko-KR"))
    answer = desk.get("/api/v1/search?q=river")
    assert answer.status_code == 200
    body = answer.json
    parts = {"items", "next_cursor", "total", "took_ms", "request_id", "loose", "facets"}
    assert set(body) == parts | {"corrected", "did_you_mean", "cached", "warning"}
    assert (body["total"], body["next_cursor"]) == (1, None)
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert body["facets"]["month"] == [{"value": "2025-10", "count": 1}]
    assert body["facets"]["tag"] == [{"value": "강", "count": 1}]
    (item,) = body["items"]
    assert item["url"] == "https://news.example/a"
    assert item["created_at"] == "2025-10-08T08:53:20.000Z"
    assert item["highlights"]["title"] == "<mark>River</mark> walk"
    assert item["group_size"] == 1


def test_a_video_comes_with_its_length_and_its_views(desk):
    desk.put(document(content_type="video", seconds=253, views=1_200))
    (item,) = desk.get("/api/v1/search?q=river&content_type=video").json["items"]
    assert (item["seconds"], item["views"]) == (253, 1_200)


def test_pages_follow_each_other_by_their_cursors(desk):
    desk.put(*(document(f"/{n}") for n in range(7)))
    cursor, found = "", []
    while cursor is not None:
        body = desk.get(f"/api/v1/search?q=river&limit=3&cursor={cursor}").json
        found += [item["url"] for item in body["items"]]
        cursor = body["next_cursor"]
    assert len(found) == len(set(found)) == 7


def test_a_cursor_of_another_query_is_refused(desk):
    desk.put(*(document(f"/{n}") for n in range(7)))
    cursor = desk.get("/api/v1/search?q=river&limit=3").json["next_cursor"]
    answer = desk.get(f"/api/v1/search?q=walk&limit=3&cursor={cursor}")
    assert answer.status_code == 422
    assert "another query" in answer.json["detail"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("sort=best", "sort"),
        ("from=yesterday", "from"),
        ("from=2026-13-01", "from"),
        ("from=2026-01-01T10:00", "from"),
        ("locale=ko_KR;", "locale"),
        ("source=other", "source"),
        ("colour=red", "colour"),
        ("q=" + "a" * 4001, "q"),
    ],
)
def test_a_wrong_or_unknown_parameter_is_refused_by_its_name(desk, query, parameter):
    answer = desk.get(f"/api/v1/search?{query}")
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]


def test_a_parameter_given_twice_is_refused(desk):
    answer = desk.get("/api/v1/search?site=a.example&site=b.example")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == "site"


def test_times_bound_the_publication(desk):
    desk.put(document("/old", created_at=NOW - 3 * DAY), document("/new", created_at=NOW))
    old = desk.get("/api/v1/search?to=2025-10-08T00:00:00%2B09:00").json
    new = desk.get("/api/v1/search?from=2025-10-08").json
    assert [item["url"][-4:] for item in old["items"] + new["items"]] == ["/old", "/new"]


def test_without_words_the_newest_come_first(desk):
    desk.put(document("/old", created_at=NOW - 3 * DAY), document("/new", created_at=NOW))
    assert [item["url"][-4:] for item in desk.get("/api/v1/search").json["items"]] == ["/new", "/old"]


def test_a_search_is_sent_to_be_recorded_once_per_query_not_per_page(desk):
    desk.put(*(document(f"/{n}") for n in range(3)))
    first = desk.get("/api/v1/search?q=river&limit=2&locale=").json
    desk.get(f"/api/v1/search?q=river&limit=2&cursor={first['next_cursor']}")
    desk.get("/api/v1/search?site=news.example")
    ((name, (keyword, _, at, hits, _, request_id, *_)),) = desk.sent
    assert (name, keyword, at, hits) == ("tasks.record_search", "river", NOW, 3)
    assert request_id == first["request_id"]


class Away(MemoryIndex):
    """An index whose server does not answer."""

    def search(self, query, now_ms):
        raise Transient("elasticsearch does not answer: connection to 10.1.2.3 refused")


def test_an_index_that_is_away_is_a_503_that_does_not_tell_addresses(desk):
    answer = desk.with_index(Away()).get("/api/v1/search?q=river")
    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert "10.1.2.3" not in answer.get_data(as_text=True)


class Broken(MemoryIndex):
    """An index with an error of ours in it."""

    def search(self, query, now_ms):
        raise ZeroDivisionError("secret")


def test_an_error_of_ours_is_a_500_problem_without_its_details(desk):
    answer = desk.with_index(Broken()).get("/api/v1/search?q=river")
    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
    assert "secret" not in answer.get_data(as_text=True)


def test_scores_are_explained_to_who_asks_for_it(desk):
    desk.put(document())
    explanation = desk.get("/api/v1/search?q=river&explain=true").json["items"][0]["explanation"]
    assert sum(explanation["parts"].values()) == explanation["score"] > 0
    assert desk.get("/api/v1/search?explain=true").status_code == 422
    assert desk.get("/api/v1/search?q=river&explain=true&limit=11").status_code == 422


def test_a_corrected_search_says_so_and_can_be_insisted_on(desk):
    desk.put(document(body="mountain"))
    desk.learn()
    assert desk.get("/api/v1/search?q=mountein").json["corrected"] == "mountain"
    exact = desk.get("/api/v1/search?q=mountein&exact=true").json
    assert (exact["corrected"], exact["total"]) == (None, 0)
