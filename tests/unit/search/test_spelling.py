"""Another spelling in the place of what was typed."""

from dataclasses import replace

import pytest

from riverline.errors import Transient
from riverline.model import Document
from riverline.search.cursor import decoded, encoded
from riverline.search.query import Query
from riverline.search.results import Results
from riverline.search.service import SearchService
from riverline.search.spelling.correction import corrected
from riverline.search.spelling.dictionary import made
from riverline.search.spelling.speller import Speller
from riverline.testing.memory import MemoryIndex
from riverline.testing.memory_key_value import MemoryKeyValue

NOW = 1_760_000_000_000
WORDS = {"river": 30, "walk": 2, "boat": 2, "bank": 1, "rivet": 1, "컴퓨터": 20, "도서관": 3}


@pytest.fixture
def index():
    index = MemoryIndex()
    bodies = ["river walk", "boat of the river", "river bank", "rivet", "컴퓨터 교실", "도서관에 안내", "컴 하나"]
    index.write(
        [Document(f"u{n}", "a.example", f"Title {n}", "", body, "article", NOW) for n, body in enumerate(bodies)], []
    )
    index.refresh()
    return index


def speller(counts=WORDS):
    return Speller(made(counts, 60))


def ask(index, query, counts=WORDS):
    search = SearchService(index, MemoryKeyValue(lambda: NOW / 1000), lambda: NOW, lambda: speller(counts))
    return search.page(query).results


def test_what_finds_nothing_is_answered_in_another_spelling_that_is_named(index):
    results = ask(index, Query("rivar"))
    assert (results.corrected, results.total) == ("river", 3)


def test_who_insists_gets_what_was_typed(index):
    results = ask(index, Query("rivar", exact=True))
    assert (results.corrected, results.better, results.total) == ("", "", 0)


def test_a_word_that_is_there_is_never_replaced_but_one_far_more_frequent_is_proposed(index):
    results = ask(index, Query("rivet"))
    assert (results.corrected, results.better, results.total) == ("", "river", 1)


def test_a_word_that_is_there_since_the_dictionary_was_made_stays(index):
    index.write([Document("new", "a.example", "Rivar", "", "new", "article", NOW)], [])
    index.refresh()
    results = ask(index, Query("rivar"))
    assert (results.corrected, results.better, results.total) == ("", "", 1)


def test_several_words_are_corrected_together_and_the_rest_of_the_query_stays(index):
    results = ask(index, Query("rivar baot walk site:a.example"))
    assert (results.corrected, results.total) == ("river boat walk site:a.example", 3)


@pytest.mark.parametrize(
    ("typed", "correction"),
    [
        ("rivar-side rivar", "rivar-side river"),
        ("site:rivar.example rivar", "site:rivar.example river"),
        ("rivar -rivar tag:rivar rivar", "river -rivar tag:rivar river"),
        ('"the rivar" rivar', '"the rivar" river'),
        ("10rivar rivar", "10rivar river"),
    ],
)
def test_another_spelling_takes_the_place_of_a_word_and_of_no_part_of_another(index, typed, correction):
    def find(query):
        return Results((), total=int(query.text != typed), next=None, loose=False, facets={})

    assert corrected(Query(typed), find(Query(typed)), find, speller(), index).corrected == correction


def test_a_korean_correction_stands_before_results_that_hold_a_part_of_the_word(index):
    def find(query):
        hits = replace(index.search(query, NOW), loose=True)  # a page that cannot be filled is looser, too
        return hits if query.text != "컴퓨타" else Results((), total=5, loose=True)

    asked = Query("컴퓨타")
    results = corrected(asked, find(asked), find, speller(), index)
    assert (results.corrected, results.total) == ("컴퓨터", 1)


def test_where_parts_of_a_wrong_word_find_enough_the_other_spelling_is_looked_for_beside_it(index):
    asked_for = []

    def find(query):
        asked_for.append((query.text, query.beside))
        return replace(index.search(replace(query, text="안내"), NOW), total=40 if query.text == "컴퓨타" else 1)

    asked = Query("컴퓨타 교실")
    results = corrected(asked, Results((), total=40), find, speller(), index)
    assert (results.corrected, results.better) == ("", "컴퓨터 교실")
    assert asked_for[-1] == ("컴퓨타 교실", "컴퓨터 교실")


def test_the_next_page_is_of_both_spellings_too(index):
    asked = Query("도서간에", limit=1)
    index.write([Document("d", "a.example", "도서간에", "", "도서관에", "article", NOW)], [])
    index.refresh()
    first = replace(index.search(replace(asked, beside="도서관에"), NOW))
    after = replace(first.next, beside="도서관에")
    later = replace(asked, after=decoded(encoded(after, asked.key), asked.key))
    second = SearchService(index, MemoryKeyValue(lambda: NOW / 1000), lambda: NOW).page(later).results
    assert {hit.url for hit in (*first.hits, *second.hits)} == {"u5", "d"}


def test_a_word_that_the_analyser_knows_gives_way_only_to_one_far_more_frequent_where_nothing_is_found(index):
    known = "도서간에"  # a noun with a particle, as far as the analyser knows
    assert ask(index, Query(known)).corrected == ""
    assert ask(index, Query(known), {**WORDS, "도서관": 30}).corrected == "도서관에"


def test_the_next_page_of_a_corrected_search_follows_under_the_cursor_of_what_was_typed(index):
    asked = Query("rivar", limit=2)
    first = ask(index, asked)
    second = ask(index, Query("rivar", limit=2, after=decoded(encoded(first.next, asked.key), asked.key)))
    assert len({hit.id for hit in (*first.hits, *second.hits)}) == 3


def test_without_a_dictionary_the_results_are_what_they_are(index):
    found = SearchService(index, MemoryKeyValue(lambda: NOW / 1000), lambda: NOW).page(Query("rivar")).results
    assert (found.total, found.corrected, found.better) == (0, "", "")


def test_while_the_index_cannot_say_what_it_holds_nothing_is_replaced(index):
    class Away(MemoryIndex):
        def held(self, words):
            raise Transient("elasticsearch: away")

    found = ask(Away(), Query("rivar"))
    assert (found.total, found.corrected) == (0, "")
