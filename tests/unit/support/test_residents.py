"""What of a process's memory is a server's data."""

from __future__ import annotations

from riverline.settings import Settings
from tests.support.residents import Pools


def told(free: int) -> dict[str, int]:
    return {
        "Innodb_buffer_pool_pages_total": 100,
        "Innodb_buffer_pool_pages_free": free,
        "Innodb_page_size": 16384,
    }


def test_a_page_that_was_in_use_is_resident_from_then_on() -> None:
    pools = Pools(Settings())
    assert [pools.resident(1, told(free)) // 16384 for free in (90, 60, 80, 50)] == [10, 40, 40, 50]
    assert pools.resident(2, told(99)) == 16384
