"""What of a process's memory is a server's data."""

from __future__ import annotations

import mmap

import psutil

from tests.support.residents import mapped

POOL, TOUCHED = 4 << 30, 3 << 20  # bytes; nothing else in this process is mapped as large


def test_a_pool_counts_with_what_is_resident_of_it() -> None:
    with mmap.mmap(-1, POOL, mmap.MAP_PRIVATE) as pool:
        pool[:TOUCHED] = bytes(TOUCHED)
        found = mapped(psutil.Process(), POOL)
    assert TOUCHED <= found < 2 * TOUCHED


def test_where_no_mapping_is_as_large_there_is_no_pool() -> None:
    assert mapped(psutil.Process(), 1 << 50) == 0
