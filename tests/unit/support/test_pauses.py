"""The longest time in which nothing is finished."""

from __future__ import annotations

from itertools import count

from riverline.errors import Transient
from tests.support import pauses
from tests.support.stack import until


def test_the_longest_pause_is_told_though_the_log_is_away_meanwhile(monkeypatch) -> None:
    monkeypatch.setattr(pauses, "SECONDS", 0.01)
    looks = count(1)
    seen = 0

    def done() -> int:
        nonlocal seen
        seen = next(looks)
        if seen in (5, 6):
            raise Transient("away")
        return seen if seen < 10 or seen > 30 else 10

    watch = pauses.Pauses(done)
    watch.start()
    assert until(lambda: seen > 40, 20)
    assert watch.end() >= 0.01 * 20
