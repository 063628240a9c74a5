"""Rates from totals that only grow. Pure, except for its memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

WINDOW_MS = 30_000


class Rates:
    """Increase a second over the last half minute, by name. A total that fell was counted anew, from nothing.

    `born`: a name that is met later than the first ones began from nothing when these were looked at last.
    """

    def __init__(self, window_ms: int = WINDOW_MS, born: bool = False) -> None:
        self._window, self._born = window_ms, born
        self._seen: deque[tuple[int, dict[str, float]]] = deque()
        self._grown: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def add(self, at: int, totals: Mapping[str, float]) -> dict[str, float]:
        """The rates as of `at` (ms); nothing for a name that is met the first time."""
        if self._born and self._seen:
            self._bear(totals)
        for name, total in totals.items():
            before = self._last.get(name)
            step = 0.0 if before is None else total - before if total >= before else total
            self._grown[name] = self._grown.get(name, 0.0) + step
        self._last = dict(totals)
        self._grown = {name: self._grown[name] for name in totals}
        self._seen.append((at, dict(self._grown)))
        while len(self._seen) > 2 and self._seen[1][0] <= at - self._window:
            self._seen.popleft()
        return self._rates(at)

    def _bear(self, totals: Mapping[str, float]) -> None:
        for name in totals.keys() - self._last.keys() - self._grown.keys():
            self._last[name] = self._seen[-1][1][name] = 0.0

    def _rates(self, at: int) -> dict[str, float]:
        found = {}
        for name, grown in self._grown.items():
            since, before = next(((when, seen[name]) for when, seen in self._seen if name in seen), (at, grown))
            if since < at:
                found[name] = (grown - before) * 1000 / (at - since)
        return found
