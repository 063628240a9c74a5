"""The memory of a process that must not grow."""

from __future__ import annotations

import threading

from riverline.newest import Newest


def test_the_key_that_was_put_before_all_others_makes_room() -> None:
    memory: Newest[str, int] = Newest(2)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        memory.put(key, value)
    assert [memory.get(key) for key in "abc"] == [3, None, 4]
    assert "a" in memory and "b" not in memory


def test_threads_that_put_at_once_leave_as_many_as_there_may_be() -> None:
    memory: Newest[int, int] = Newest(10)
    together = threading.Barrier(4)

    def put(first: int) -> None:
        together.wait(10)
        for key in range(first, first + 500):
            memory.put(key, key)

    threads = [threading.Thread(target=put, args=(at * 1000,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(key in memory for key in range(4000)) == 10
