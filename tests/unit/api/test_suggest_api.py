"""`/api/v1/search/suggest`, `/api/v1/search/popular`, and other spellings."""

import pytest

from riverline.errors import Transient
from riverline.model import Search
from tests.unit.api.conftest import DAY, NOW, document


def searched(desk, keyword, times=5, hits=3, at=NOW, locale="ko-KR", people=5):
    for n in range(times):
        who = f"person {n % people}" if people else ""
        desk.index.record_search(Search(keyword, locale, at, hits, 1, f"{keyword}{at}{n}", keyword, who))


def suggested(desk, typed, **more):
    answer = desk.get("/api/v1/search/suggest", query_string={"q": typed, **more})
    assert answer.status_code == 200, answer.json
    return [(item["text"], item["kind"]) for item in answer.json["items"]]


def test_tags_and_titles_come_first_then_queries(desk):
    desk.put(document(title="한강 자전거 길", tags=("한강",), locale="ko-KR"))
    searched(desk, "한강 야경")
    assert suggested(desk, "ㅎㄱ") == [("한강", "tag"), ("한강 자전거 길", "title"), ("한강 야경", "query")]


def test_a_suggestion_says_what_of_it_was_typed(desk):
    desk.put(document(title="River walk"))
    answer = desk.get("/api/v1/search/suggest?q=riv")
    assert answer.json["items"] == [{"text": "River walk", "kind": "title", "typed": [0, 3]}]


def test_titles_leave_room_for_queries(desk):
    desk.put(*(document(f"/{n}", title=f"Lantern {n}") for n in range(9)))
    searched(desk, "lanterns for sale")
    assert suggested(desk, "lan", limit=3)[-1] == ("lanterns for sale", "query")
    assert [kind for _, kind in suggested(desk, "lan", limit=1)] == ["title"]


def test_a_text_is_suggested_once(desk):
    desk.put(document("/a", title="Lanterns"), document("/b", title="Lanterns", tags=("lanterns",)))
    searched(desk, "lanterns")
    assert [text.lower() for text, _ in suggested(desk, "lan")] == ["lanterns"]


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
    searched(desk, "강", 5)
    searched(desk, "river", 6, locale="en-US")
    searched(desk, "산", 9, at=NOW - 3 * DAY)
    assert popular(desk, window="day") == [("river", 6), ("강", 5)]
    assert popular(desk, window="week") == [("산", 9), ("river", 6), ("강", 5)]
    assert popular(desk, window="week", locale="ko", limit=1) == [("산", 9)]


def test_what_fewer_than_five_people_search_for_stays_theirs(desk):
    searched(desk, "한강 야경", 40, people=4)
    searched(desk, "한국", 40, people=0)
    for week in range(3):  # the same people, under other names each week
        searched(desk, "한옥", 3, at=NOW - 7 * week * DAY, people=3)
    assert popular(desk, window="month") == []
    assert suggested(desk, "한") == []
    searched(desk, "한강 야경", 5, at=NOW - 1)
    assert popular(desk) == [("한강 야경", 45)] or popular(desk, window="day") == [("한강 야경", 45)]


def test_whoever_searches_is_a_person_by_account_or_by_address_and_a_bot_is_nobody(desk):
    def facts(path="/api/v1/search?q=River site:a.example", **headers):
        desk.sent.clear()
        desk.get(path, headers={"User-Agent": "Mozilla/5.0", **headers})
        return desk.sent[0][1][6:8]

    meant, one = facts()
    assert meant == "river" and len(one) == 32
    assert facts()[1] == one
    assert facts(**{"X-Forwarded-For": "203.0.113.9"})[1] not in ("", one)
    assert facts("/api/v1/search?q=boat")[1] not in ("", one)  # two searches of one person cannot be told to be so
    assert facts(**{"User-Agent": "Googlebot/2.1"}) == ("", "")
    assert facts("/?q=kim@mail.example") == ("", "")


def test_without_a_salt_nobody_is_counted(desk):
    desk.key_value.get = lambda *_: (_ for _ in ()).throw(Transient("Redis: away"))
    desk.get("/api/v1/search?q=river", headers={"User-Agent": "Mozilla/5.0"})
    assert desk.sent[0][1][6:8] == ("river", "")


def popular(desk, **query):
    items = desk.get("/api/v1/search/popular", query_string=query).json["items"]
    return [(item["keyword"], item["searches"]) for item in items]


@pytest.mark.parametrize("path", ["suggest", "suggest?q=", "suggest?q=a&limit=21", "popular?window=year"])
def test_wrong_parameters_are_refused(desk, path):
    assert desk.get(f"/api/v1/search/{path}").status_code == 422


def test_another_spelling_is_named_where_little_is_found(desk):
    desk.put(*(document(f"/{n}", body=f"many lanterns here {n}") for n in range(1, 12)))
    assert desk.get("/api/v1/search?q=lantrens").json["corrected"] is None  # there is no dictionary yet
    desk.learn()
    assert desk.get("/api/v1/search?q=lantrens").json["corrected"] == "lanterns"
    assert desk.get("/api/v1/search?q=lanterns").json["did_you_mean"] is None
