"""Counting some requests here before Redis is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from riverline.accounts.tally import CLOSE, SOME, TOLD_SECONDS, Counts, Tally
from riverline.errors import Transient

NOW = 1_760_000_040_000  # a window begins
LIMIT = 1000


class Shared:
    """The counts that all processes share, and how often they were told something."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, int], int] = {}
        self.told = 0
        self.away = False

    def counted(self, more: Mapping[str, int], window: int, _: int) -> Counts:
        if self.away:
            raise Transient("away")
        self.told += 1
        for name, added in more.items():
            self.counts[name, window] = self.counts.get((name, window), 0) + added
        return [(self.counts.get((name, window - 1), 0), self.counts[name, window]) for name in more]


def left(tally: Tally, at: int = NOW, limit: int = LIMIT) -> int:
    [found] = tally.count({"a": limit}, at)
    return found.remaining


def test_each_request_counts_though_few_are_told() -> None:
    shared = Shared()
    tally = Tally(shared.counted)
    assert [left(tally) for _ in range(100)] == list(range(LIMIT - 1, LIMIT - 101, -1))
    assert shared.told <= 100 / SOME + 1


def test_close_to_the_limit_each_request_is_told() -> None:
    shared = Shared()
    one, other = Tally(shared.counted), Tally(shared.counted)
    allowed = sum(left(tally, limit=CLOSE) >= 0 for _ in range(CLOSE) for tally in (one, other))
    assert allowed == CLOSE


def test_several_processes_let_in_as_many_as_the_limit_says() -> None:
    shared = Shared()
    tallies = [Tally(shared.counted) for _ in range(4)]
    assert sum(left(tally) >= 0 for _ in range(LIMIT) for tally in tallies) == LIMIT


def test_what_was_not_told_is_told_after_a_while() -> None:
    shared = Shared()
    tally = Tally(shared.counted)
    for _ in range(5):
        left(tally)
    left(tally, NOW + int(TOLD_SECONDS * 1000))
    assert list(shared.counts.values()) == [6]


def test_a_new_window_begins_with_what_was_not_told() -> None:
    shared = Shared()
    tally = Tally(shared.counted)
    for _ in range(3):
        left(tally)
    left(tally, NOW + 60_000)
    assert sum(shared.counts.values()) == 4


def test_counts_that_are_away_are_a_transient_error() -> None:
    shared = Shared()
    shared.away = True
    with pytest.raises(Transient):
        left(Tally(shared.counted))


@pytest.mark.parametrize("spread", [0, 100, 700])
@pytest.mark.parametrize("began", [0, 17_000, 59_000])
def test_who_waits_as_long_as_told_is_let_in_however_often_he_asked_before(spread: int, began: int) -> None:
    shared = Shared()
    tally = Tally(shared.counted)
    now, limit = NOW + began, 50
    for _ in range(5):  # five times more than fits, and again when it is over
        asked, refused = 0, False
        while asked < 5 * limit or not refused:
            now += spread
            [last] = tally.count({"a": limit}, now)
            asked, refused = asked + 1, last.exceeded
        now += last.reset_seconds * 1000
        assert left(tally, now, limit) >= 0


def test_requests_that_are_refused_are_not_asked_about() -> None:
    shared = Shared()
    tally = Tally(shared.counted)
    for _ in range(10):
        left(tally, limit=3)
    assert (shared.told, sum(shared.counts.values())) == (5, 3)  # three let in, one refused, and that one taken back


def test_a_request_that_one_limit_refuses_does_not_count_for_the_other() -> None:
    shared = Shared()
    tally = Tally(shared.counted)
    for _ in range(5):
        tally.count({"token": 100, "address": 2}, NOW)
    assert shared.counts[("token", NOW // 60_000)] == 2
