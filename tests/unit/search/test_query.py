"""Building search requests."""

import json
import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.adapters.elasticsearch.bulk import document_source
from riverline.model import Document
from riverline.parsing.fingerprint import url_id
from riverline.search import mappings, ranking, required_words
from riverline.search.analysis.synonyms import parsed
from riverline.search.analysis.writing_systems import analysers
from riverline.search.cursor import Position
from riverline.search.query import Query, Sort, leaders_body, search_body

NOW = 1_760_000_000_000


def text_of(body) -> str:
    return json.dumps(body, ensure_ascii=False)


@given(st.text(alphabet=st.characters(codec="utf-8")), st.sampled_from(Sort), st.booleans())
def test_any_text_makes_a_request(text, sort, loose):
    orjson.dumps(search_body(Query(text, sort=sort), NOW, loose))


def test_a_query_without_words_matches_everything_and_scores_nothing():
    body = search_body(Query(sort=Sort.NEWEST), NOW)
    assert body["query"]["bool"]["must"] == [{"match_all": {}}]
    assert "function_score" not in body["query"]


def test_english_stop_words_are_not_required_of_a_document():
    assert '"the"' not in text_of(_matching(search_body(Query("the river"), NOW)["query"])["filter"])


def test_words_that_say_nothing_weigh_less_the_more_words_stand_beside_them():
    weights = [_boost_of("which", Query(text)) for text in ("which river", "which river bridges")]
    assert weights == [ranking.FUNCTION_WORDS, ranking.FUNCTION_WORDS / 2]


def test_words_that_make_a_korean_question_say_nothing_either():
    asked = Query("전세 사기 관련하여 알려 주세요 어떻게 하나요?")
    assert _worth(asked.text)[0]["combined_fields"]["query"] == "전세 사기"
    assert _boost_of("관련하여 알려 주세요 어떻게 하나요?", asked) == ranking.AS_WRITTEN / 2


def test_the_whole_query_is_weighed_at_once_by_the_analyser_of_its_language():
    for text, read_by in (("river walk map", "en"), ("한강 자전거 map", "ko"), ("2024 река", "std")):
        first = _matching(search_body(Query(text), NOW)["query"])["should"][0]["combined_fields"]
        assert first["query"] == text and "boost" not in first
        assert f"{mappings.field('body', read_by)}^1.0" in first["fields"]


def test_another_way_of_reading_a_word_weighs_less_than_that_of_the_query():
    asked = [one["combined_fields"] for one in _worth("한강 Kafka를 map") if one["combined_fields"]["operator"] == "or"]
    assert {one["fields"][0].split("^")[0]: one.get("boost", 1) for one in asked} == {
        "title.ko": 1,
        "title": ranking.AS_WRITTEN,
        "title.en": ranking.OTHER_ANALYSERS,
        "title.cjk": ranking.SYLLABLES_WEIGHT,
    }


def test_all_words_anywhere_in_a_document_are_worth_something():
    asked = [one["combined_fields"] for one in _worth("river the stones river")]
    every = [(one["query"], one["fields"][0]) for one in asked if one["operator"] == "and"]
    assert every == [("river stones", "title^2.5"), ("river stones", "title.ko^2.5")]


def test_of_one_long_korean_word_the_pairs_of_syllables_are_worth_most():
    weights = {text: _weight_of_pairs(text) for text in ("경로를문서", "경로", "경로를 문서")}
    alone, others = ranking.PAIRS_OF_ONE_WORD, ranking.PAIRS_WEIGHT
    assert weights == {"경로를문서": alone, "경로": others, "경로를 문서": others}


def _weight_of_pairs(text: str) -> float:
    asked = [one["combined_fields"] for one in _worth(text)]
    return next(one["boost"] for one in asked if "title.cjk^2.5" in one["fields"] and "minimum_should_match" not in one)


def test_all_words_together_are_worth_most_and_those_that_say_little_are_among_them():
    assert _together("what is the river walk") == ["what is the river walk"]
    assert _together("river the river walk") == ["river the walk"]


def test_what_wraps_a_few_words_into_a_question_is_not_looked_for_beside_them():
    assert not _together("what is it that you would have to do with the river and how")


def test_one_word_or_a_text_is_not_looked_for_together():
    text = " ".join(f"word{number}" for number in range(ranking.TOGETHER_WORDS + 1))
    assert not _together("river") and not _together(text)


def test_what_makes_a_document_be_found_adds_nothing_to_its_score():
    matching = _matching(search_body(Query("river walk"), NOW)["query"])
    assert not matching["must"] and matching["filter"] and matching["should"]


def test_any_word_of_a_text_is_enough():
    assert _least(Query("a1 b2 c3 d4"), loose=False) == required_words.STRICT
    assert _least(Query("a1 b2 c3 d4 e5"), loose=False) is None


def test_a_text_is_looked_for_with_one_query_an_analyser():
    (ways,) = _matching(search_body(Query(" ".join(f"word{n}" for n in range(60))), NOW)["query"])["filter"][:1]
    assert len(ways["bool"]["should"]) == 2


def test_a_word_that_is_said_twice_counts_twice():
    first = _matching(search_body(Query("river walk river"), NOW)["query"])["should"][0]["combined_fields"]
    assert first["query"] == "river walk river"


@pytest.mark.parametrize("text", ["한강 " * 900, "한" * 4_000, "a,b;" * 1_000, "river bank " * 400, "東京" * 2_000])
def test_a_text_of_any_kind_costs_no_more_than_the_server_takes(text):
    asked = [one["query"] for one in _all(search_body(Query(text), NOW, loose=True)["query"], "combined_fields")]
    assert asked and all(len(re.findall(r"[a-z]+|[^\W\d_]", one)) <= 1024 for one in asked)


@pytest.mark.parametrize(("text", "alone"), [("?", True), ("&& …", True), ("", False), ("  ", False), ("🍣", False)])
def test_a_text_that_says_nothing_finds_nothing(text, alone):
    assert ("match_none" in text_of(search_body(Query(text), NOW))) is alone


def test_an_amount_is_looked_for_in_every_way_to_write_it():
    asked = text_of(search_body(Query("배추 8천 원"), NOW)["query"])
    assert '"8000"' in asked and '"8천"' in asked


@pytest.mark.parametrize("amount", ["8천원", "4천1백", "8,000원", "35000원", "1억2천만원"])
def test_an_amount_is_neither_found_nor_scored_by_a_part_of_it(amount):
    """`천원` of `8천원` is in every price."""
    asked = _matching(search_body(Query(f"배추 {amount}"), NOW)["query"])
    found, worth = asked["filter"][0], [one for one in asked["should"] if "syllables" not in one]
    read = [one for part in (found, worth) for one in _all(part, "combined_fields") if "title.ko" in one["fields"][0]]
    assert read and not [one["query"] for one in read if re.search(r"\d", one["query"])]
    assert f'"query": "{amount}", "boost"' in text_of(worth)


def test_two_words_are_looked_for_as_one_too():
    assert "headlamp" in text_of(_matching(search_body(Query("head lamp"), NOW)["query"])["filter"])


def test_a_word_alone_is_looked_for_as_two_at_once_and_one_of_several_where_little_is_found():
    asked = [("headlamp", False), ("red headlamp", False), ("red headlamp", True)]
    found = ['"head lamp"' in text_of(search_body(Query(text), NOW, loose)["query"]) for text, loose in asked]
    assert found == [True, False, True]


def test_an_address_puts_its_page_before_the_pages_of_its_host():
    should = _matching(search_body(Query("shop.example/a"), NOW)["query"])["should"]
    page, host = [one["constant_score"] for one in should if "constant_score" in one]
    assert page["boost"] == ranking.ADDRESS_WEIGHT > host["boost"]
    assert url_id("https://shop.example/a") in page["filter"]["terms"]["id"]


def test_a_site_is_all_hosts_below_it():
    asked = text_of(search_body(Query("site:northfold.example tent -site:shop.other.example"), NOW)["query"])
    assert '{"site": "*.northfold.example"}' in asked and '{"site": "*.shop.other.example"}' in asked


@pytest.mark.parametrize(("text", "whole"), [("-이어팟", True), ('"이어 팟"', True), ("-cat", False), ("-물", False)])
def test_korean_that_is_excluded_or_quoted_is_read_whole(text, whole):
    """Of what nori drops as an ending the rest would be another word."""
    assert ("title.cjk" in text_of(search_body(Query(f"a {text}"), NOW)["query"])) is whole


def test_a_synonym_weighs_less_than_the_word_it_stands_for():
    query = Query("ai river", synonyms=parsed("ai, robots\n"))
    ((first, second),) = [
        one["dis_max"]["queries"] for one in _matching(search_body(query, NOW)["query"])["should"] if _is_word(one)
    ]
    assert first["combined_fields"]["query"] == "ai" and second["dis_max"]["boost"] == ranking.SYNONYM_WEIGHT


def test_another_spelling_is_looked_for_beside_the_words_and_marked():
    body = search_body(Query("도서곤 -박물관", beside="도서관 -박물관", site="a.example"), NOW)
    own, other = _matching(body["query"])["should"]
    assert other["bool"].pop("boost") == ranking.RESPELLED_WEIGHT
    assert [own, other] == [_words_of("도서곤"), _words_of("도서관")]
    assert _matching(body["query"])["filter"] == [{"terms": {"site": ["a.example"]}}]
    assert "도서관" in text_of(body["highlight"]["highlight_query"])


def test_words_that_say_nothing_are_not_marked():
    marked = text_of(search_body(Query("what is 2024"), NOW)["highlight"]["highlight_query"])
    assert "2024" in marked and "what" not in marked


def test_a_query_of_stop_words_alone_asks_for_them():
    assert '"not"' in text_of(search_body(Query("to be or not to be"), NOW)["query"])


@pytest.mark.parametrize(
    ("word", "asked"),
    [
        ("river", ("en", "ko")),
        ("한강", ("ko", "std")),
        ("kafka를", ("ko", "std", "en")),
        ("東京", ("cjk", "ko")),
        ("2024", ("std", "ko")),
        ("река", ("std", "ko")),
    ],
)
def test_a_word_is_asked_of_the_analysers_that_can_read_its_letters(word, asked):
    assert analysers(word) == asked


def test_every_field_that_is_asked_is_mapped():
    known = _mapped(mappings.documents_mapping()["properties"])
    for text in ("river walk", "한강 자전거", "東京", '"a phrase" -not site:a tag:b author:c'):
        body = search_body(Query(text, "ko", "a", "b", "c", "d", "e", 1, 2), NOW)
        assert set(_fields(body["query"])) <= known, text
        assert set(body["highlight"]["fields"]) <= known


def _mapped(properties, prefix="") -> set[str]:
    found = set()
    for name, options in properties.items():
        found |= {prefix + name} | _mapped(options.get("fields", {}), f"{prefix}{name}.")
    return found


def _fields(query):
    if isinstance(query, list):
        for one in query:
            yield from _fields(one)
    elif isinstance(query, dict):
        for name, value in query.items():
            if name in ("term", "terms", "match", "match_phrase", "prefix", "range"):
                yield from value
            elif name == "combined_fields":
                yield from (weighted.split("^")[0] for weighted in value["fields"])
            else:
                yield from _fields(value)


def test_every_field_of_a_document_is_mapped_and_written():
    written = document_source(Document("u", "s", "t", "s", "b", "article", 1), 0)
    assert set(written) == set(mappings.documents_mapping()["properties"])


def test_the_first_page_is_collapsed_and_counted_and_the_following_ones_start_after_a_position():
    first = search_body(Query("river"), NOW)
    second = search_body(Query("river", after=Position((1.5, "id"), NOW)), NOW)
    assert first["collapse"] == {"field": "cluster"} and "aggs" in first
    assert second["search_after"] == [1.5, "id"] and "collapse" not in second and "aggs" not in second


def test_a_group_is_opened_without_collapsing_it():
    assert "collapse" not in search_body(Query(group="g"), NOW)


@pytest.mark.parametrize("sort", list(Sort))
def test_every_order_ends_with_the_id_so_that_no_two_results_stand_at_one_place(sort):
    assert search_body(Query("a", sort=sort), NOW)["sort"][-1] == {"id": "asc"}


def test_only_relevance_is_loosened():
    assert _least(Query("x y z"), loose=True) is None
    assert _least(Query("x y z"), loose=False) == required_words.STRICT
    assert _least(Query("x y z", sort=Sort.NEWEST), loose=True) == required_words.ORDERED


def test_a_phrase_is_demanded_where_few_words_stand_beside_it():
    asked = search_body(Query('"river walk" map'), NOW, loose=True)["query"]
    assert "match_phrase" in text_of(_matching(asked)["must"])


def test_a_quotation_within_a_text_is_preferred_and_no_longer_demanded_where_little_is_found():
    query = Query('mayor opens "river walk" today')
    assert "match_phrase" in text_of(_matching(search_body(query, NOW)["query"])["must"])
    looser = _matching(search_body(query, NOW, loose=True)["query"])
    assert "match_phrase" not in text_of(looser["must"]) and " walk" in text_of(looser["filter"])
    assert '"river walk"' in text_of(looser["should"])


def test_leaders_are_ranked_as_the_page_is():
    page, leaders = search_body(Query("river"), NOW), leaders_body(Query("river"), NOW, ["a", "b"])
    assert leaders["query"]["bool"]["must"] == [page["query"]]
    assert leaders["sort"] == page["sort"]


def test_the_weights_of_fields_are_at_least_one():
    assert min(ranking.FIELD_WEIGHTS.values()) >= 1


def _least(query: Query, loose: bool) -> str | None:
    """How many of the words its documents must hold; None where any of them is enough."""
    found = re.findall(r'"minimum_should_match": "([^"]+)"', text_of(search_body(query, NOW, loose)["query"]))
    return found[0] if found else None


def _all(query, name: str):
    """What stands under that name, anywhere."""
    if isinstance(query, list):
        for one in query:
            yield from _all(one, name)
    elif isinstance(query, dict):
        for key, value in query.items():
            yield from [value] if key == name else _all(value, name)


def _words_of(text: str) -> dict[str, Any]:
    """How the words alone are found and weighed."""
    found = _matching(search_body(Query(text), NOW)["query"])
    return {"bool": {name: value for name, value in found.items() if name != "must_not"}}


def _worth(text: str) -> list[dict[str, Any]]:
    """What is added up, the closeness of pairs apart."""
    return [one for one in _matching(search_body(Query(text), NOW)["query"])["should"] if "combined_fields" in one]


def _together(text: str) -> list[str]:
    """The words that are looked for near each other, all of them."""
    asked = (one["dis_max"] for one in _matching(search_body(Query(text), NOW)["query"])["should"] if "dis_max" in one)
    found = (one["queries"][-1]["match_phrase"] for one in asked if one["boost"] == ranking.TOGETHER_WEIGHT)
    return [phrase["body"]["query"] for phrase in found]


def _boost_of(words: str, query: Query) -> float:
    asked = [one["combined_fields"] for one in _worth(query.text)]
    (weight,) = [one["boost"] for one in asked if one["query"] == words]
    return float(weight)


def _is_word(one: dict[str, Any]) -> bool:
    """Neither a text at once nor the closeness of a pair."""
    return "combined_fields" in text_of(one.get("dis_max", {}))


def _matching(asked: dict[str, Any]) -> dict[str, Any]:
    matching: dict[str, Any] = asked["function_score"]["query"]["bool"]
    return matching
