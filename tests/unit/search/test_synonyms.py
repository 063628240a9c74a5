"""Words that mean the same."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.adapters.elasticsearch.lexicon import SHIPPED, Lexicon
from riverline.errors import Fatal, Invalid
from riverline.search.analysis import synonyms
from riverline.search.analysis.synonyms import parsed
from riverline.search.query import Query, search_body
from riverline.settings import SearchSettings

RULES = parsed("ai, 인공지능, artificial intelligence  # a remark\n\ncar => automobile\n")


@pytest.mark.parametrize(
    ("asked", "others"),
    [
        ("AI", {"AI": ["인공지능", "artificial intelligence"]}),
        ("인공지능을", {"인공지능을": ["ai", "artificial intelligence"]}),
        ("car", {"car": ["automobile"]}),
        ("automobile", {}),
        ("rain", {}),
    ],
)
def test_a_word_brings_what_means_the_same(asked, others):
    assert RULES.alternatives(asked.split()) == others


def test_a_synonym_of_several_words_is_recognised_in_the_query():
    assert RULES.alternatives(["the", "Artificial", "intelligence", "act"]) == {
        "Artificial": ["ai", "인공지능"],
        "intelligence": ["ai", "인공지능"],
    }


@given(st.lists(st.text(max_size=5), max_size=12))
def test_any_words_may_be_asked(words):
    assert all(others for others in RULES.alternatives(words).values())


@pytest.mark.parametrize("wrong", ["alone", "a, ", "=> b", "a b c d e, f"])
def test_a_rule_that_is_none_is_named_by_its_line(wrong):
    with pytest.raises(Invalid, match="line 2"):
        parsed(f"# fine\n{wrong}")


def test_a_query_asks_for_synonyms_too_and_for_those_of_several_words_as_a_phrase():
    text = json.dumps(search_body(Query("ai", synonyms=RULES), 0), ensure_ascii=False)
    assert '"query": "인공지능"' in text
    assert '{"query": "artificial intelligence", "boost": 2.5}' in text
    assert '"인공지능"' not in json.dumps(search_body(Query("ai"), 0), ensure_ascii=False)


def test_the_list_that_is_shipped_can_be_read():
    assert "조리법" in parsed(SHIPPED.read_text("utf-8")).alternatives(["레시피"])["레시피"]


@pytest.fixture
def clock():
    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    return Clock()


def written(path, text, at):
    path.write_text(text, "utf-8")
    os.utime(path, (at, at))


def test_a_changed_file_is_read_again(tmp_path, clock):
    written(tmp_path / "words", "a, b", 1)
    lexicon = Lexicon(SearchSettings(synonyms=tmp_path / "words"), clock)
    assert lexicon.synonyms().alternatives(["a"]) == {"a": ["b"]}
    written(tmp_path / "words", "a, c", 2)
    clock.now = 2.0
    assert lexicon.synonyms().alternatives(["a"]) == {"a": ["c"]}


def test_nonsense_in_the_file_leaves_what_was_read_before(tmp_path, clock):
    written(tmp_path / "words", "a, b", 1)
    lexicon = Lexicon(SearchSettings(synonyms=tmp_path / "words"), clock)
    lexicon.synonyms()
    written(tmp_path / "words", "a, b\nalone", 2)
    clock.now = 2.0
    assert lexicon.synonyms().alternatives(["a"]) == {"a": ["b"]}
    with pytest.raises(Fatal, match="line 2"):
        lexicon.read()


def test_without_a_file_nothing_is_asked_for_beside_the_words(tmp_path):
    assert Lexicon(SearchSettings(synonyms=tmp_path / "absent")).synonyms() is synonyms.NONE


def test_words_for_nori_are_the_lines_of_their_file(tmp_path):
    (tmp_path / "words").write_text("# towns\n세종시 세종 시\n\n", "utf-8")
    assert Lexicon(SearchSettings(korean_words=tmp_path / "words")).korean_words() == ("세종시 세종 시",)
    assert Lexicon(SearchSettings()).korean_words() == ()
    with pytest.raises(Fatal):
        Lexicon(SearchSettings(korean_words=tmp_path / "absent")).korean_words()


def test_words_with_synonyms_are_known(tmp_path):
    (tmp_path / "words").write_text("docker, 도커\nsearch engine, 검색엔진\n", "utf-8")
    lexicon = Lexicon(SearchSettings(synonyms=tmp_path / "words"))
    assert lexicon.known(["도커", "도커를", "도서", "Docker", "engine"]) == {"도커", "도커를", "Docker"}
