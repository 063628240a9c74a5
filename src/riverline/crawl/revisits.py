"""When a page is visited again: sooner if it changed, later if it did not. Pure; seconds."""

from __future__ import annotations

SHORTEST = 3_600  # an hour
LONGEST = 14 * 86_400  # two weeks
SOONER, LATER = 0.5, 1.5
GONE_AFTER = 2  # answers in a row that a page is not there: then it is gone


def first_interval(target_interval: int) -> int:
    """Of a page that was not seen before."""
    return _bounded(target_interval)


def next_interval(interval: int, changed: bool) -> int:
    """After another look at it."""
    return _bounded(round(interval * (SOONER if changed else LATER)))


def _bounded(interval: int) -> int:
    return min(max(interval, SHORTEST), LONGEST)
