"""Counting requests without asking Redis about each: some are counted here first, and told together.

A count may lack what other processes have not told yet: less than `SOME` requests of each, and for less than
`TOLD_SECONDS` while they are asked. Close to a limit each request is told at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from riverline.access.rates import WINDOW_SECONDS, Allowance, allowance, window_of

SOME = 16
CLOSE = 8 * SOME  # to the limit
TOLD_SECONDS = 0.5
MOST_NAMES = 10_000

Counts = list[tuple[int, int]]  # of the window before, and of this one


@dataclass(slots=True)
class _Known:
    """What was heard of a name, and how many requests came since."""

    window: int
    previous: int
    current: int
    told_at: int
    since: int = 0


class Tally:
    """`counted` adds to the counts that all processes share, and returns them; it may raise Transient. Thread-safe."""

    def __init__(self, counted: Callable[[Mapping[str, int], int, int], Counts]) -> None:
        self._counted = counted
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def count(self, limits: Mapping[str, int], now_ms: int) -> list[Allowance]:
        """One more request of each name. Raises Transient when the counts are away."""
        window = window_of(now_ms)
        with self._lock:
            here = self._here(limits, window, now_ms)
            more = {} if here else {name: self._untold(name) + 1 for name in limits}
        return here or self._told(limits, more, window, now_ms)

    def _here(self, limits: Mapping[str, int], window: int, now_ms: int) -> list[Allowance]:
        """What is left after counting it here; nothing when Redis has to be told."""
        found: list[Allowance] = []
        for name, limit in limits.items():
            known = self._known.get(name)
            if known is None or known.window != window or now_ms - known.told_at >= TOLD_SECONDS * 1000:
                return []
            left = allowance(limit, known.previous, known.current + known.since + 1, now_ms)
            if known.since + 1 >= SOME or left.remaining < CLOSE:
                return []
            found.append(left)
        for name in limits:
            self._known[name].since += 1
        return found

    def _untold(self, name: str) -> int:
        known = self._known.get(name)
        if known is None:
            return 0
        since, known.since = known.since, 0
        return since

    def _told(self, limits: Mapping[str, int], more: Mapping[str, int], window: int, now_ms: int) -> list[Allowance]:
        counts = self._counted(more, window, WINDOW_SECONDS * 2)
        with self._lock:
            if len(self._known) > MOST_NAMES:
                self._known.clear()
            for name, (previous, current) in zip(more, counts, strict=True):
                since = known.since if (known := self._known.get(name)) else 0
                self._known[name] = _Known(window, previous, current, now_ms, since)
        return [allowance(limit, *count, now_ms) for limit, count in zip(limits.values(), counts, strict=True)]
