"""The analysers of the Elasticsearch node: names and settings of the official plugins, and what they make of texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from riverline.settings import Settings
from tests.support.elastic import elastic

pytestmark = pytest.mark.integration

Terms = Callable[..., list[str]]


@pytest.fixture(scope="module")
def node(stack: Settings) -> Iterator[httpx.Client]:
    with elastic(stack) as client:
        yield client


@pytest.fixture
def terms(node: httpx.Client) -> Terms:
    """The terms that a request to `_analyze` yields; an AssertionError with the node's words when it is refused."""

    def analyse(text: str, **request: Any) -> list[str]:
        answer = node.post("/_analyze", json={"text": text, **request})
        assert answer.status_code == 200, answer.text
        return [token["token"] for token in answer.json()["tokens"]]

    return analyse


def kind(name: str, **settings: Any) -> dict[str, Any]:
    return {"type": name, **settings}


ANALYSERS = [
    ("nori", "동해물과 백두산이", ["동해", "물", "백두", "산"]),
    ("english", "The runner's running quickly", ["runner", "run", "quickli"]),
    ("cjk", "한국어 Tokyo 東京都", ["한국", "국어", "tokyo", "東京", "京都"]),
]

TOKENIZERS = [
    (kind("nori_tokenizer", decompound_mode="mixed"), "가거도항", ["가거도항", "가거도", "항"]),
    (kind("nori_tokenizer", user_dictionary_rules=["세종시 세종 시"]), "세종시", ["세종", "시"]),
    (kind("edge_ngram", min_gram=1, max_gram=2, token_chars=["letter"]), "ab1 한국", ["a", "ab", "한", "한국"]),
    (kind("ngram", min_gram=2, max_gram=2, token_chars=["letter"]), "abc d", ["ab", "bc"]),
    (kind("pattern", pattern=","), "a,b c", ["a", "b c"]),
    (kind("char_group", tokenize_on_chars=["whitespace", "-"]), "a-b c", ["a", "b", "c"]),
    ("path_hierarchy", "/a/b", ["/a", "/a/b"]),
    ("uax_url_email", "to me@site.kr", ["to", "me@site.kr"]),
]

FILTERS = [
    (kind("stemmer", language="english"), "running quickly", ["run", "quickli"]),
    (kind("stemmer", language="light_english"), "houses", ["house"]),
    (kind("stemmer", language="possessive_english"), "dog's", ["dog"]),
    (kind("stemmer", language="french"), "chevaux", ["cheval"]),
    ("porter_stem", "running", ["run"]),
    ("kstem", "quickly", ["quick"]),
    ("cjk_width", "ＡＢ", ["AB"]),
    ("cjk_bigram", "한국어", ["한국", "국어"]),
    (kind("asciifolding", preserve_original=True), "Café", ["Cafe", "Café"]),
    (kind("edge_ngram", min_gram=2, max_gram=3), "검색엔진", ["검색", "검색엔"]),
    (kind("ngram", min_gram=2, max_gram=3), "abc", ["ab", "abc", "bc"]),
    (kind("keyword_repeat"), "a", ["a", "a"]),
    (kind("unique"), "a b a", ["a", "b"]),
    (kind("length", min=2, max=3), "a abc abcd", ["abc"]),
    (kind("truncate", length=2), "abc", ["ab"]),
    (kind("elision"), "l'avion", ["avion"]),
    ("reverse", "abc", ["cba"]),
    ("uppercase", "a", ["A"]),
    (kind("synonym_graph", synonyms=["tv, television"]), "tv", ["television", "tv"]),
    (kind("synonym", synonyms=["laptop => notebook"]), "laptop", ["notebook"]),
]

CHARACTERS = [
    ("html_strip", "<b>bold</b> &amp; more", "bold & more"),
    (kind("mapping", mappings=[":) => happy", "\\u00e9 => e"]), ":) é", "happy e"),
    (kind("pattern_replace", pattern=r"(\d+)-(?=\d)", replacement="$1_"), "12-34", "12_34"),
]


@pytest.mark.parametrize(("analyser", "text", "wanted"), ANALYSERS)
def test_an_analyser_reads_a_text(analyser: str, text: str, wanted: list[str], terms: Terms) -> None:
    assert terms(text, analyzer=analyser) == wanted


@pytest.mark.parametrize(("tokenizer", "text", "wanted"), TOKENIZERS)
def test_a_tokenizer_cuts_a_text(tokenizer: Any, text: str, wanted: list[str], terms: Terms) -> None:
    assert terms(text, tokenizer=tokenizer) == wanted


@pytest.mark.parametrize(("token_filter", "text", "wanted"), FILTERS)
def test_a_filter_changes_terms(token_filter: Any, text: str, wanted: list[str], terms: Terms) -> None:
    assert sorted(terms(text, tokenizer="standard", filter=[token_filter])) == sorted(wanted)


@pytest.mark.parametrize(("char_filter", "text", "wanted"), CHARACTERS)
def test_a_character_filter_changes_the_text(char_filter: Any, text: str, wanted: str, terms: Terms) -> None:
    assert terms(text, tokenizer="keyword", char_filter=[char_filter]) == [wanted]


def test_particles_and_endings_are_dropped_by_part_of_speech(terms: Terms) -> None:
    assert terms("학교에서", tokenizer="nori_tokenizer", filter=["nori_part_of_speech"]) == ["학교"]


def test_hanja_are_read_as_hangul(terms: Terms) -> None:
    assert terms("鄕歌", tokenizer="nori_tokenizer", filter=["nori_readingform"]) == ["향가"]


def test_filters_work_in_their_order(terms: Terms) -> None:
    chain = ["lowercase", kind("synonym_graph", synonyms=["ny, new york"]), kind("edge_ngram", min_gram=2, max_gram=2)]
    assert sorted(terms("NY", tokenizer="whitespace", filter=chain)) == ["ne", "ny", "yo"]


def test_a_keyword_is_not_stemmed(terms: Terms) -> None:
    chain = [kind("keyword_marker", keywords=["running"]), "porter_stem"]
    assert terms("running jumping", tokenizer="standard", filter=chain) == ["running", "jump"]


def test_a_rule_comes_before_the_stemmer(terms: Terms) -> None:
    chain = [kind("stemmer_override", rules=["mice => mouse"]), "porter_stem"]
    assert terms("mice", tokenizer="standard", filter=chain) == ["mouse"]


def test_parts_of_words_are_found(terms: Terms) -> None:
    chain = [kind("word_delimiter_graph", catenate_all=True)]
    assert terms("Wi-Fi", tokenizer="whitespace", filter=chain) == ["WiFi", "Wi", "Fi"]


def test_synonyms_cannot_be_read_through_pieces_of_words(node: httpx.Client) -> None:
    chain = [kind("edge_ngram", min_gram=1, max_gram=3), kind("synonym", synonyms=["a, b"])]
    answer = node.post("/_analyze", json={"text": "a", "tokenizer": "standard", "filter": chain})
    assert answer.status_code == 400
    assert "cannot be used to parse synonyms" in answer.text


def test_the_forms_of_unicode_are_made_one_and_offsets_stay_right(node: httpx.Client) -> None:
    if "Riverline" not in node.get("/_cat/plugins?h=description").text:
        pytest.skip("this node has the official plugins, where it is in analysis-icu")
    text = "㈜삼성 \u1112\u1161\u11ab글 ＡＢ"
    answer = node.post("/_analyze", json={"text": text, "tokenizer": "whitespace", "char_filter": ["icu_normalizer"]})
    found = [(token["token"], text[token["start_offset"] : token["end_offset"]]) for token in answer.json()["tokens"]]
    assert found == [("(주)삼성", "㈜삼성"), ("한글", "\u1112\u1161\u11ab글"), ("ab", "ＡＢ")]
