"""Random ids."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

from riverline import random_ids
from riverline.random_ids import ALIKE, MANY, random_id


def test_no_id_comes_twice_whatever_threads_ask() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: random_id(), range(MANY * 20)))
    assert len(set(found)) == len(found)
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in found)


def test_a_child_gives_out_ids_of_its_own() -> None:
    random_id()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        others = pool.map(_some, range(2), chunksize=1)
    own = _some(0)
    assert len(set(own).union(*others)) == 3 * MANY


def _some(_: int) -> list[str]:
    return [random_id() for _ in range(MANY)]


def test_ids_that_were_made_together_begin_alike_and_end_apart() -> None:
    random_ids._ready.clear()  # several threads may have made some at once
    found = [random_id() for _ in range(3 * MANY)]
    assert len({one[:ALIKE] for one in found}) == 3
    assert len({one[ALIKE:] for one in found}) == len(found)
