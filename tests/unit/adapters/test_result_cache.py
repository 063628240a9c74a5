"""What is kept of searches, and for how long."""

import threading
import time
from contextlib import suppress

import pytest

from riverline.errors import Transient
from riverline.model import Document
from riverline.search.query import Query
from riverline.search.result_cache import FRESH_SECONDS, KEPT_SECONDS, Kept, ResultCache, key_of, packed, unpacked
from riverline.testing.memory import MemoryIndex
from riverline.testing.memory_key_value import MemoryKeyValue

NOW = 1_760_000_000_000
RIVER = Query("river")


class Place:
    """An index that counts, a clock, and the cache before it."""

    def __init__(self):
        self.index, self.now, self.asked, self.away = MemoryIndex(), NOW, 0, False
        self.index.write(
            [Document(f"u{n}", "a.example", "River", "s", "b", "article", NOW, tags=("강",)) for n in "abc"], []
        )
        self.index.refresh()
        self.key_value = MemoryKeyValue(lambda: self.now / 1000)
        self.slept = []
        self.cache = ResultCache(self.search, self.key_value, lambda: self.now, sleep=self.slept.append)

    def search(self, query, now_ms):
        self.asked += 1
        if self.away:
            raise Transient("elasticsearch: away")
        return self.index.search(query, now_ms)


@pytest.fixture
def place():
    return Place()


def test_the_same_search_is_asked_once_and_answered_alike(place):
    first, second = place.cache.get(RIVER), place.cache.get(Query("  RIVER "))
    assert (first.cached, second.cached, place.asked) == (False, True, 1)
    assert second.results == first.results


@pytest.mark.parametrize("other", [Query("rivers"), Query("river", limit=3), Query("river", site="a.example")])
def test_other_searches_are_others(other):
    assert key_of(other) != key_of(RIVER)


def test_what_is_kept_comes_back_whole(place):
    results = place.index.search(Query("river", limit=2), NOW)
    assert results.next
    assert unpacked(packed(Kept(NOW, results))) == Kept(NOW, results)


def test_an_answer_that_is_no_longer_fresh_is_asked_for_anew(place):
    place.cache.get(RIVER)
    place.now += FRESH_SECONDS * 1000
    assert not place.cache.get(RIVER).cached


def test_while_the_index_is_away_an_older_answer_is_given_as_such(place):
    place.cache.get(RIVER)
    place.away, place.now = True, place.now + FRESH_SECONDS * 1000
    assert place.cache.get(RIVER).outdated


def test_nothing_is_older_than_it_may_be(place):
    place.cache.get(RIVER)
    place.away, place.now = True, place.now + KEPT_SECONDS * 1000
    with pytest.raises(Transient):
        place.cache.get(RIVER)


def test_without_redis_the_index_answers(place):
    def away(*_):
        raise Transient("Redis: away")

    place.key_value.get = place.key_value.looked_up = place.key_value.settle = place.key_value.release = away
    assert place.cache.get(RIVER).results.total == 3


def test_of_many_who_ask_at_once_one_asks_the_index(place):
    entered, go = threading.Event(), threading.Event()
    inner = place.search

    def slow(query, now_ms):
        entered.set()
        go.wait(10)
        return inner(query, now_ms)

    place.search = slow
    place.cache = ResultCache(
        place.search, place.key_value, lambda: place.now, sleep=lambda seconds: (go.set(), time.sleep(seconds))
    )
    found = []
    first = threading.Thread(target=lambda: found.append(place.cache.get(RIVER)))
    first.start()
    assert entered.wait(10)
    others = [threading.Thread(target=lambda: found.append(place.cache.get(RIVER))) for _ in range(4)]
    for one in others:
        one.start()
    for one in (first, *others):
        one.join(10)
    assert (len(found), place.asked) == (5, 1)


def test_what_another_process_found_is_taken_and_holds_up_nobody(place):
    place.cache.get(RIVER)
    other = ResultCache(place.search, place.key_value, lambda: place.now, sleep=lambda _: None)
    assert other.get(RIVER).cached
    place.now += FRESH_SECONDS * 1000
    assert not place.cache.get(RIVER).cached  # nobody is thought to be asking for it
    assert place.asked == 2


def test_a_search_that_failed_holds_up_nobody(place):
    place.away = True
    with pytest.raises(Transient):
        place.cache.get(RIVER)
    place.away = False
    assert place.cache.get(RIVER).results.total == 3


def test_when_a_search_ends_what_it_found_is_there_for_other_processes(place):
    other = ResultCache(place.search, place.key_value, lambda: place.now, sleep=lambda _: None)
    release, seen = place.key_value.release, []

    def released(claim, token):
        release(claim, token)
        place.key_value.release = release
        seen.append(other.get(RIVER).cached)

    place.key_value.release = released
    place.cache.get(RIVER)
    assert (seen, place.asked) == ([True], 1)


def claimed(place, seconds=60):
    """Another process asks the index for it just now."""
    claim = f"{key_of(RIVER)}_FLIGHT"
    assert place.key_value.put_new(claim, b"another", seconds)
    return claim


def test_while_another_asks_an_older_answer_is_given_at_once(place):
    place.cache.get(RIVER)
    place.now += FRESH_SECONDS * 1000
    claimed(place)
    found, asked = place.cache.get(RIVER), place.asked
    assert (found.cached, found.outdated, asked) == (True, True, 1)
    assert place.slept == []


def test_while_another_asks_what_is_too_old_is_not_given(place):
    place.cache.get(RIVER)
    place.now += KEPT_SECONDS * 1000
    claimed(place)
    assert not place.cache.get(RIVER).outdated


@pytest.mark.parametrize("away", [False, True])
def test_whoever_asks_beside_another_leaves_the_claim_to_its_owner(place, away):
    claim = claimed(place)
    place.away = away
    with suppress(Transient):
        place.cache.get(RIVER)
    assert place.key_value.get([claim]) == [b"another"]


def test_a_refresh_leaves_the_claim_of_another_alone(place):
    claim = claimed(place)
    place.cache.refresh(RIVER)
    assert place.key_value.get([claim]) == [b"another"]
