"""Seen-filters: what was added is seen, over restarts and rotations."""

import hashlib

from riverline.adapters.bloom import SeenFilter, drop_folders


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
    assert key(1) in again and key(2) not in again


def test_a_filter_is_complete_only_when_it_was_said_to_be(tmp_path):
    first = SeenFilter(tmp_path, capacity=1000)
    first.add(key(1))
    assert not first.complete
    assert not SeenFilter(tmp_path, capacity=1000).complete  # its filling was interrupted
    first.mark_complete()
    assert first.complete and SeenFilter(tmp_path, capacity=1000).complete


def test_a_lost_filter_is_not_complete_though_its_mark_was_left(tmp_path):
    SeenFilter(tmp_path, capacity=1000).mark_complete()
    for path in tmp_path.glob("*.bloom"):
        path.unlink()
    assert not SeenFilter(tmp_path, capacity=1000).complete


def test_folders_of_other_layouts_go(tmp_path):
    for name in ("pages-7", "texts-9", "pages-0-of-1", "pages-0-of-2", "pages-1-of-2"):
        SeenFilter(tmp_path / name, capacity=1000).add(key(1))
    drop_folders(tmp_path, "pages-*-of-2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pages-0-of-2", "pages-1-of-2"]
    drop_folders(tmp_path / "absent", "*")


def test_a_full_generation_is_followed_by_another_and_the_oldest_goes(tmp_path):
    seen = SeenFilter(tmp_path, capacity=100, generations=2)
    for number in range(300):
        seen.add(key(number))
    assert all(key(number) in seen for number in range(100, 300))
    assert sum(key(number) in seen for number in range(100)) < 10
    assert len(list(tmp_path.glob("*.bloom"))) == 2


def test_a_filter_of_other_parameters_is_not_read(tmp_path):
    SeenFilter(tmp_path, capacity=1000).mark_complete()
    other = SeenFilter(tmp_path, capacity=2000)
    assert not other.complete and key(1) not in other
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
