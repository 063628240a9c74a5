"""What every scratch does: the same suite for the Redis Cluster and for its in-memory twin."""

import time
import uuid

import pytest

from riverline.stores.memory_scratch import MemoryScratch


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.integration)])
def scratch(request):
    if request.param == "memory":
        return MemoryScratch()
    from riverline.stores.redis_cluster import RedisCluster
    from riverline.stores.redis_scratch import RedisScratch

    made = RedisScratch(RedisCluster(request.getfixturevalue("stack").redis.nodes))
    request.addfinalizer(made.close)
    return made


@pytest.fixture
def key() -> str:
    return f"TEST_{uuid.uuid4().hex}"


def test_a_value_is_there_until_it_is_forgotten(scratch, key):
    scratch.put(key, b"a", 60)
    assert scratch.get([key, key + "other"]) == [b"a", None]
    scratch.forget(key)
    assert scratch.get([key]) == [None]


def test_a_value_ends(scratch, key):
    scratch.put(key, b"a", 0.02)
    end = time.monotonic() + 5
    while scratch.get([key]) != [None]:
        assert time.monotonic() < end, "it is still there"


def test_of_two_values_the_first_is_kept(scratch, key):
    assert scratch.put_new(key, b"a", 60)
    assert not scratch.put_new(key, b"b", 60)
    assert scratch.get([key]) == [b"a"]


def test_one_look_tells_what_is_kept_and_claims_what_is_not(scratch, key):
    place, claim = f"{{{key}}}", f"{{{key}}}_CLAIM"
    assert scratch.looked_up(place, claim, b"mine", 60) == (None, True)
    assert scratch.looked_up(place, claim, b"theirs", 60) == (None, False)
    scratch.settle(place, b"found", 60, claim)
    assert scratch.get([place, claim]) == [b"found", None]
    assert scratch.looked_up(place, claim, b"theirs", 60) == (b"found", True)


def test_counts_of_two_windows_are_told(scratch, key):
    assert scratch.counted({key: 1}, 7, 60) == [(0, 1)]
    assert scratch.counted({key: 1, key + "other": 5}, 7, 60) == [(0, 2), (0, 5)]
    assert scratch.counted({key: 3}, 8, 60) == [(2, 3)]
    assert scratch.counted({key: 1}, 10, 60) == [(0, 1)]


def test_notes_under_one_key_are_found_by_name(scratch, key):
    scratch.note(key, {"a": b"1", "b": b"2"}, 60)
    scratch.note(key, {"b": b"3", "c": b"4"}, 60)
    assert scratch.noted(key, ["c", "b", "a", "d"]) == [b"4", b"3", b"1", None]
    assert scratch.noted(key + "other", ["a"]) == [None]


def test_notes_end(scratch, key):
    scratch.note(key, {"a": b"1"}, 0.02)
    end = time.monotonic() + 5
    while scratch.noted(key, ["a"]) != [None]:
        assert time.monotonic() < end, "it is still there"
