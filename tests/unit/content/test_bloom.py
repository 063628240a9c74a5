"""Seen-filters: what was added is seen, over restarts and rotations."""

import hashlib

from riverline.stores.bloom import SeenFilter


def key(number: int) -> bytes:
    return hashlib.blake2b(str(number).encode(), digest_size=20).digest()


def test_what_was_added_is_seen_and_little_else_is(tmp_path):
    seen = SeenFilter(tmp_path, capacity=5000, error_rate=0.01)
    for number in range(5000):
        seen.add(key(number))
    assert all(key(number) in seen for number in range(5000))
    false = sum(key(number) in seen for number in range(5000, 15000))
    assert false < 2 * 0.01 * 10_000


def test_a_filter_that_was_killed_is_read_as_it_was(tmp_path):
    first = SeenFilter(tmp_path, capacity=1000)
    first.add(key(1))  # never closed: its process is gone
    again = SeenFilter(tmp_path, capacity=1000)
    assert key(1) in again and key(2) not in again and not again.fresh


def test_a_folder_that_was_lost_says_so(tmp_path):
    assert SeenFilter(tmp_path, capacity=1000).fresh


def test_a_full_generation_is_followed_by_another_and_the_oldest_goes(tmp_path):
    seen = SeenFilter(tmp_path, capacity=100, generations=2)
    for number in range(300):
        seen.add(key(number))
    assert all(key(number) in seen for number in range(100, 300))
    assert sum(key(number) in seen for number in range(100)) < 10
    assert len(list(tmp_path.glob("*.bloom"))) == 2


def test_a_filter_of_other_parameters_is_not_read(tmp_path):
    SeenFilter(tmp_path, capacity=1000).add(key(1))
    other = SeenFilter(tmp_path, capacity=2000)
    assert other.fresh and key(1) not in other
    assert len(list(tmp_path.glob("*.bloom"))) == 1


def test_a_filter_tells_its_keys_generations_and_how_often_it_is_wrong(tmp_path):
    seen = SeenFilter(tmp_path, capacity=2000, error_rate=0.1, generations=2)
    assert (seen.keys, seen.living, seen.false_rate) == (0, 1, 0.0)
    for number in range(2000):
        seen.add(key(number))
    assert (seen.keys, seen.living) == (2000, 1)
    assert 0.001 < seen.false_rate < 0.1  # it was emptier before
    for number in range(2000, 5000):
        seen.add(key(number))
    assert (seen.keys, seen.living) == (3000, 2)
