"""What a score is made of."""

import pytest

from riverline.search import ranking
from riverline.search.explaining import explained, occurrences_body, text_body
from riverline.search.query import DAY_MS, Query
from riverline.search.results import Hit

NOW = 1_760_000_000_000


def hit(**more):
    names = dict.fromkeys(("url", "title", "summary", "site", "locale", "source"), "")
    return Hit(id="a", **names, **{"content_type": "article", "crawled_at": NOW, "score": 10.0, **more})


def node(description, value, *details):
    return {"description": description, "value": value, "details": details}


def frequency(field, count):
    return node(f"weight({field}:river in 3) [PerField]", 1.0, node("freq, occurrences of term within document", count))


FIELDS = "(body.en summary.en^1.5 tags.en^2.0 title.en^2.5)"
TEXT = node(
    "sum of:",
    8.0,
    node(
        "max plus 0.2 times others of:",
        6.0,
        node(f"weight(CombinedFieldQuery({FIELDS}(river)) in 3), result of:", 5.0),
        node("weight(CombinedFieldQuery((body.ko)(flows)) in 3), result of:", 5.0 - 1e-9),
    ),
    node('weight(body.en:"river walk"~4 in 3), result of:', 2.0),
    node("match on required clause, product of:", 0.0),
)
PLACES = node("sum of:", 2.0, frequency("title.en", 1.0), frequency("body.en", 2.5))


def test_the_parts_add_up_to_the_score():
    parts = explained(hit(created_at=NOW - 30 * DAY_MS, click_count=100), NOW, TEXT, PLACES)
    assert sum(parts.values()) == pytest.approx(10.0)
    assert parts["recency"] / parts["clicks"] == pytest.approx(0.06 / (ranking.CLICKS_WEIGHT * 4.61512), rel=1e-4)


def test_a_words_score_falls_to_the_fields_by_what_their_occurrences_weigh():
    parts = explained(hit(), NOW, TEXT, PLACES)
    assert parts["title"] == pytest.approx(parts["body"])
    assert parts["closeness"] / parts["title"] == pytest.approx(2.0 / 2.5)


def test_a_list_loses_what_its_kind_costs():
    parts = explained(hit(content_type="list"), NOW, TEXT, PLACES)
    assert parts["kind"] == pytest.approx(-10.0)
    assert sum(parts.values()) == pytest.approx(10.0)


def test_without_an_explanation_of_the_text_it_is_one_part():
    assert explained(hit(), NOW, None, None) == {"words": 10.0, "recency": 0.0, "clicks": 0.0}


def test_both_requests_are_of_the_documents_alone():
    for body in (text_body(Query("river walk"), ["a"], False), occurrences_body(Query("강 river"), ["a"])):
        assert body["query"]["bool"]["filter"] == [{"terms": {"id": ["a"]}}]
        assert body["explain"] is True
