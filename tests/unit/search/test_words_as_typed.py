"""Compounds, addresses and characters as they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.parsing.fingerprint import url_id
from riverline.search import addresses
from riverline.search.analysis import compatibility, compounds


def test_two_words_may_be_one_and_a_hyphen_may_be_none():
    assert compounds.joined(["head", "lamp"]) == {"head": "headlamp", "lamp": "headlamp"}
    assert compounds.joined(["head-lamp"]) == {"head-lamp": "headlamp"}
    assert compounds.joined(["c", "c++"]) == compounds.joined(["한강", "map"]) == {}


def test_a_word_may_be_two():
    assert compounds.divided(["headlamp"]) == {"headlamp": ["hea dlamp", "head lamp", "headl amp"]}
    assert compounds.divided(["short", "한강공원", "x86architecture"]) == {}


def test_a_word_is_not_divided_where_the_index_drops_a_part_of_it():
    """Of `for get` the analyser leaves `get`, which is on every other page."""
    assert compounds.divided(["forget", "Withdraw"]) == {"Withdraw": ["Wit hdraw", "Withd raw"]}


def test_a_query_of_many_words_is_read_as_it_is():
    many = ["the", "head", "lamp", "of", "this", "shop"]
    assert compounds.joined(many) == compounds.divided(many) == {}


@pytest.mark.parametrize(
    ("word", "url"),
    [
        ("http://shop.example/a", "http://shop.example/a"),
        ("shop.example/a", "https://www.shop.example/a"),
        ("https://www.shop.example/a/", "http://shop.example/a"),
        ("shop.example/a", "http://shop.example/a/"),
        ("HTTP://Shop.Example/read.php?no=7&utm_source=x#top", "http://shop.example/read.php?no=7"),
        ("shop.example", "http://www.shop.example/"),
    ],
)
def test_an_address_means_its_page_however_it_is_typed(word, url):
    assert addresses.is_address(word) and url_id(url) in addresses.pages(word)


@pytest.mark.parametrize("word", ["C++", "8,000", "head-lamp", "a.b.", "3.14", "and/or", "…", "random.random()"])
def test_what_only_looks_like_an_address_is_none(word):
    assert not addresses.is_address(word)


@given(st.text())
def test_any_text_may_be_asked_for_as_an_address(text):
    assert isinstance(addresses.pages(text), list) and isinstance(addresses.host(text), str)


def test_a_star_in_a_host_is_a_star():
    assert addresses.on(["a*b.example"])["bool"]["should"][1] == {"wildcard": {"site": "*.a\\*b.example"}}


@pytest.mark.parametrize(
    ("text", "folded"),
    [("１０㎏", "10kg"), ("25㎡ 9m²", "25m2 9m2"), ("ﬁnal CO₂", "final CO2"), ("Riverline™ x² ①", "Riverline™ x² ①")],
)
def test_characters_are_read_as_what_they_stand_for(text, folded):
    assert compatibility.folded(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert compatibility.folded(compatibility.folded(text)) == compatibility.folded(text)
