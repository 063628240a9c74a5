"""`/api/v1/search/suggest`, `/api/v1/search/popular`, and other spellings."""

import pytest

from riverline.model import Search
from tests.unit.api.conftest import DAY, NOW, document


def searched(desk, keyword, times=1, hits=3, at=NOW, locale="ko-KR"):
    for n in range(times):
        desk.index.record_search(Search(keyword, locale, at, hits, 1, f"{keyword}{at}{n}"))


def suggested(desk, typed, **more):
    answer = desk.get("/api/v1/search/suggest", query_string={"q": typed, **more})
    assert answer.status_code == 200, answer.json
    return [(item["text"], item["kind"]) for item in answer.json["items"]]


def test_queries_come_first_then_tags_and_titles(desk):
    desk.put(document(title="한강 자전거 길", tags=("한강",), locale="ko-KR"))
    searched(desk, "한강 야경")
    assert suggested(desk, "ㅎㄱ") == [("한강 야경", "query"), ("한강", "tag"), ("한강 자전거 길", "title")]


def test_a_text_is_suggested_once(desk):
    desk.put(document("/a", title="Lanterns"), document("/b", title="Lanterns", tags=("lanterns",)))
    searched(desk, "lanterns")
    assert suggested(desk, "lan") == [("lanterns", "query")]


def test_what_nobody_found_is_not_suggested(desk):
    searched(desk, "한강", hits=0)
    assert suggested(desk, "한") == []


def test_suggestions_keep_to_a_locale_and_a_number(desk):
    desk.put(*(document(f"/{n}", title=f"Lantern {n}", locale="en-US") for n in range(5)))
    assert len(suggested(desk, "lan", limit=2, locale="en")) == 2
    assert suggested(desk, "lan", locale="ko") == []


def test_signs_alone_suggest_nothing(desk):
    desk.put(document())
    assert suggested(desk, "?!") == []


def test_popular_words_are_counted_by_locale_and_window(desk):
    searched(desk, "강", 2)
    searched(desk, "river", 3, locale="en-US")
    searched(desk, "산", 9, at=NOW - 3 * DAY)
    assert popular(desk, window="day") == [("river", 3), ("강", 2)]
    assert popular(desk, window="week") == [("산", 9), ("river", 3), ("강", 2)]
    assert popular(desk, window="week", locale="ko", limit=1) == [("산", 9)]


def popular(desk, **query):
    items = desk.get("/api/v1/search/popular", query_string=query).json["items"]
    return [(item["keyword"], item["searches"]) for item in items]


@pytest.mark.parametrize("path", ["suggest", "suggest?q=", "suggest?q=a&limit=21", "popular?window=year"])
def test_wrong_parameters_are_refused(desk, path):
    assert desk.get(f"/api/v1/search/{path}").status_code == 422


def test_another_spelling_is_named_where_little_is_found(desk):
    desk.put(
        document("/0", body="one lantren"), *(document(f"/{n}", body=f"many lanterns here {n}") for n in range(1, 6))
    )
    assert desk.get("/api/v1/search?q=lantren").json["did_you_mean"] == "lanterns"
    assert desk.get("/api/v1/search?q=lanterns").json["did_you_mean"] is None
