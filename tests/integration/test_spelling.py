"""Queries as people type them over the demo web, on a real index: what is found, and what is left alone."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from random import Random

import pytest

from riverline.adapters.elasticsearch import ElasticIndex
from riverline.search.mappings import first_version
from riverline.search.query import Query
from riverline.search.results import Results
from riverline.search.spelling.correction import corrected
from riverline.search.spelling.dictionary_making import DictionaryMaking
from riverline.search.spelling.keys import HANGUL_KEYS, LATIN_KEYS, Writing, in_hangul, is_whole, keys, writing
from riverline.search.spelling.shared_dictionary import SharedDictionary
from riverline.search.spelling.speller import Speller
from riverline.search.spelling.word_counts import words
from riverline.testing.memory_key_value import MemoryKeyValue
from riverline_tasks.words import english
from tests.support.typed_queries import Expect, documents, rows

pytestmark = pytest.mark.integration

ASKED = 120  # errors of a kind
LENGTHS = {"en": (Writing.LATIN, 5, 32), "ko": (Writing.HANGUL, 3, 32), "two syllables": (Writing.HANGUL, 2, 2)}


@dataclass(frozen=True)
class Searching:
    """Searches as the API makes them, without its cache."""

    index: ElasticIndex
    speller: Speller
    titles: dict[str, set[str]]

    def find(self, text: str) -> Results:
        asked, find = Query(text), partial(self.index.search, now_ms=time.time_ns() // 1_000_000)
        return corrected(asked, find(asked), find, self.speller, self.index)

    def leads(self, results: Results, word: str) -> bool:
        """Is a page that is named by the word among the first three?"""
        return any(hit.url in self.titles[word] for hit in results.hits[:3])

    def named(self, kind: Writing, least: int, most: int) -> list[str]:
        """The words of titles."""
        return sorted(word for word in self.titles if writing(word) is kind and least <= len(word) <= most)


@pytest.fixture(scope="module")
def searching(stack) -> Iterator[Searching]:
    alias = f"spelling-{uuid.uuid4().hex[:8]}"
    index = ElasticIndex(stack.elasticsearch, documents=alias)
    index.ensure_schema()
    pages = documents()
    index.write(pages, [])
    index.refresh()
    key_value = MemoryKeyValue()
    assert DictionaryMaking(index, key_value, time.monotonic, english).turn() == "made"
    speller = SharedDictionary(lambda: key_value).fetch()
    assert speller is not None
    titles: dict[str, set[str]] = {}
    for page in pages:
        for word in words(page.title):
            titles.setdefault(word, set()).add(page.url)
    yield Searching(index, speller, titles)
    index.connection.call("DELETE", f"/{first_version(alias)}")
    index.close()


def with_error(word: str, random: Random) -> str:
    """One key wrong, missing, too many, or in the wrong place."""
    pressed, kind = keys(word), writing(word)
    at, key = random.randrange(len(pressed)), random.choice(LATIN_KEYS if kind is Writing.LATIN else HANGUL_KEYS)
    before, own, after = pressed[:at], pressed[at], pressed[at + 1 :]
    swapped = before + after[:1] + own + after[1:]
    typed = random.choice((before + after, before + key + after, before + key + own + after, swapped))
    return typed if kind is Writing.LATIN else in_hangul(typed)


def errors(searching: Searching, language: str) -> list[tuple[str, str]]:
    """Words of titles that lead to their pages, each with an error that makes no other word of it."""
    random, found = Random(18), []
    pool = searching.named(*LENGTHS[language])
    while len(found) < ASKED:
        word = random.choice(pool)
        typed = with_error(word, random)
        whole = writing(word) is Writing.LATIN or is_whole(typed)
        wrong = whole and keys(typed) != keys(word) and not searching.speller.is_right(typed)
        if wrong and searching.leads(searching.find(word), word):
            found.append((word, typed))
    return found


@pytest.mark.parametrize(("language", "share"), [("en", 0.95), ("ko", 0.95), ("two syllables", 0.9)])
def test_a_page_named_by_the_word_stands_among_the_first_three(searching, language, share):
    asked, missed = errors(searching, language), []
    for word, typed in asked:
        results = searching.find(typed)
        if not searching.leads(results, word):
            missed.append((word, typed, results.corrected or results.better, results.total))
    print(f"{language}: {1 - len(missed) / len(asked):.3f} of {len(asked)}; missed {missed}")
    assert len(missed) <= (1 - share) * len(asked), missed


def test_words_that_are_there_are_left_alone(searching):
    random = Random(18)
    pool = [word for names in LENGTHS.values() for word in searching.named(*names)]
    for word in random.sample(pool, ASKED):
        results = searching.find(word)
        assert (results.corrected, results.better) == ("", ""), word


def test_what_the_table_of_typed_queries_says_of_spelling(searching):
    wrong = []
    for row in rows():
        if row.expect in (Expect.CORRECTED, Expect.KEPT):
            results = searching.find(row.query)
            spelled = (results.corrected or results.better).lower()
            if spelled != (row.what.lower() if row.expect is Expect.CORRECTED else ""):
                wrong.append((row.query, spelled, row.what))
    assert not wrong


def test_what_the_table_of_typed_queries_says_of_results(searching):
    asked = [row for row in rows() if row.expect not in (Expect.CORRECTED, Expect.KEPT)]
    wrong = [row for row in asked if not row.holds(searching.find(row.query))]
    print(f"{1 - len(wrong) / len(asked):.3f} of {len(asked)}")
    assert len(wrong) <= 0.03 * len(asked), wrong
