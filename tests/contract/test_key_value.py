"""What every key-value store does: the same suite for the Redis Cluster and for its in-memory twin."""

import time
import uuid

import pytest

from riverline.testing.memory_key_value import MemoryKeyValue


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.integration)])
def key_value(request):
    if request.param == "memory":
        return MemoryKeyValue()
    from riverline.adapters.redis.cluster import RedisCluster
    from riverline.adapters.redis.key_value import RedisKeyValue

    made = RedisKeyValue(RedisCluster(request.getfixturevalue("stack").redis, timeout=2))
    request.addfinalizer(made.close)
    return made


@pytest.fixture
def key() -> str:
    return f"TEST_{uuid.uuid4().hex}"


def test_a_value_is_there_until_it_is_forgotten(key_value, key):
    key_value.put(key, b"a", 60)
    assert key_value.get([key, key + "other"]) == [b"a", None]
    key_value.forget(key)
    assert key_value.get([key]) == [None]


def test_a_value_ends(key_value, key):
    key_value.put(key, b"a", 0.02)
    end = time.monotonic() + 5
    while key_value.get([key]) != [None]:
        assert time.monotonic() < end, "it is still there"


def test_of_two_values_the_first_is_kept(key_value, key):
    assert key_value.put_new(key, b"a", 60)
    assert not key_value.put_new(key, b"b", 60)
    assert key_value.get([key]) == [b"a"]


def test_one_look_tells_what_is_kept_and_claims_what_is_not(key_value, key):
    place, claim = f"{{{key}}}", f"{{{key}}}_CLAIM"
    assert key_value.looked_up(place, claim, b"mine", 60) == (None, True)
    assert key_value.looked_up(place, claim, b"theirs", 60) == (None, False)
    key_value.settle(place, b"found", 60, claim, b"mine")
    assert key_value.get([place, claim]) == [b"found", None]
    assert key_value.looked_up(place, claim, b"theirs", 60) == (b"found", True)


def test_a_claim_is_released_by_its_owner_alone(key_value, key):
    place, claim = f"{{{key}}}", f"{{{key}}}_CLAIM"
    key_value.looked_up(place, claim, b"mine", 60)
    key_value.release(claim, b"theirs")
    assert key_value.get([claim]) == [b"mine"]
    key_value.settle(place, b"found", 60, claim, b"theirs")
    assert key_value.get([place, claim]) == [b"found", b"mine"]
    key_value.release(claim, b"mine")
    assert key_value.get([claim]) == [None]


def test_counts_of_two_windows_are_told(key_value, key):
    assert key_value.counted({key: 1}, 7, 60) == [(0, 1)]
    assert key_value.counted({key: 1, key + "other": 5}, 7, 60) == [(0, 2), (0, 5)]
    assert key_value.counted({key: 3}, 8, 60) == [(2, 3)]
    assert key_value.counted({key: 1}, 10, 60) == [(0, 1)]


def test_notes_under_one_key_are_found_by_name(key_value, key):
    key_value.note(key, {"a": b"1", "b": b"2"}, 60)
    key_value.note(key, {"b": b"3", "c": b"4"}, 60)
    assert key_value.noted(key, ["c", "b", "a", "d"]) == [b"4", b"3", b"1", None]
    assert key_value.noted(key + "other", ["a"]) == [None]


def test_notes_end(key_value, key):
    key_value.note(key, {"a": b"1"}, 0.02)
    end = time.monotonic() + 5
    while key_value.noted(key, ["a"]) != [None]:
        assert time.monotonic() < end, "it is still there"
