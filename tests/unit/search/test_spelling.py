"""Another spelling in the place of what was typed."""

from dataclasses import replace

import pytest

from riverline.errors import Transient
from riverline.model import Document
from riverline.search.cursor import decoded, encoded
from riverline.search.query import Query
from riverline.search.spelling import answered
from riverline.stores.memory import MemoryIndex

NOW = 1_760_000_000_000


@pytest.fixture
def index():
    made = MemoryIndex()
    bodies = ["river walk", "boat of the river", "river bank", "rivet"]
    made.write(
        [Document(f"u{n}", "a.example", f"Title {n}", "", body, "article", NOW) for n, body in enumerate(bodies)], []
    )
    made.refresh()
    return made


def ask(index, query):
    return answered(query, lambda one: index.search(one, NOW), index.spelled)


def test_what_finds_nothing_is_answered_in_another_spelling_that_is_named(index):
    results = ask(index, Query("rivar"))
    assert (results.corrected, results.total) == ("river", 3)


def test_who_insists_gets_what_was_typed(index):
    results = ask(index, Query("rivar", exact=True))
    assert (results.corrected, results.better, results.total) == ("", "", 0)


def test_a_word_that_is_there_is_never_replaced_but_another_one_is_proposed(index):
    results = ask(index, Query("rivet"))
    assert (results.corrected, results.better, results.total) == ("", "river", 1)


def test_one_wrong_word_of_two_is_corrected_and_the_rest_of_the_query_stays(index):
    results = ask(index, Query("rivar boat walk site:a.example"))
    assert (results.corrected, results.total) == ("river boat walk site:a.example", 3)


def test_the_next_page_of_a_corrected_search_follows_under_the_cursor_of_what_was_typed(index):
    asked = Query("rivar", limit=2)
    first = ask(index, asked)
    second = ask(index, Query("rivar", limit=2, after=decoded(encoded(first.next, asked.key), asked.key)))
    assert len({hit.id for hit in (*first.hits, *second.hits)}) == 3


def test_a_spelling_that_came_with_the_results_is_not_asked_for_again(index):
    def find(query):
        return replace(index.search(query, NOW), respelled="river boat walk")

    def spelled(*_):
        raise AssertionError("it is known")

    results = answered(Query("rivar boat walk"), find, spelled)
    assert (results.corrected, results.total) == ("river boat walk", 3)


def test_without_a_speller_the_results_are_what_they_are(index):
    def away(*_):
        raise Transient("elasticsearch: away")

    assert answered(Query("rivar"), lambda one: index.search(one, NOW), away).total == 0
