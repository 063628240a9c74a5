"""Counting requests without asking Redis about each: some are counted here first, and told together.

A refused request does not count; until the next one may be accepted, all are refused here without asking Redis.

A count may lack what other processes have not told yet: less than `SOME` requests of each, and for less than
`TOLD_SECONDS` while they are asked. Close to a limit each request is reported at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from riverline.accounts.rates import WINDOW_SECONDS, Allowance, allowance, window_of
from riverline.errors import Transient
from riverline.newest import Newest

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
        self._known: Newest[str, _Known] = Newest(MOST_NAMES)
        self._shut: Newest[str, int] = Newest(MOST_NAMES)  # names that have had enough, and until when (ms)
        self._lock = threading.Lock()

    def count(self, limits: Mapping[str, int], now_ms: int) -> list[Allowance]:
        """One more request of each name, unless one of them has had enough. Raises Transient when the counts are
        away."""
        window = window_of(now_ms)
        with self._lock:
            if shut := self._still_shut(limits, now_ms):
                return shut
            here = self._here(limits, window, now_ms)
            more = {} if here else {name: self._untold(name) + 1 for name in limits}
        return here or self._told(limits, more, window, now_ms)

    def _here(self, limits: Mapping[str, int], window: int, now_ms: int) -> list[Allowance]:
        """What is left after counting it here; nothing when Redis has to be told."""
        found: list[Allowance] = []
        counted: list[_Known] = []
        for name, limit in limits.items():
            known = self._known.get(name)
            if known is None or known.window != window or now_ms - known.told_at >= TOLD_SECONDS * 1000:
                return []
            left = allowance(limit, known.previous, known.current + known.since + 1, now_ms)
            if known.since + 1 >= SOME or left.remaining < CLOSE:
                return []
            found.append(left)
            counted.append(known)
        for known in counted:
            known.since += 1
        return found

    def _still_shut(self, limits: Mapping[str, int], now_ms: int) -> list[Allowance]:
        """Of the names, those that are refused without being counted."""
        left = {name: (self._shut.get(name) or 0) - now_ms for name in limits}
        return [Allowance(limits[name], -1, -(-rest // 1000)) for name, rest in left.items() if rest > 0]

    def _untold(self, name: str) -> int:
        known = self._known.get(name)
        if known is None:
            return 0
        since, known.since = known.since, 0
        return since

    def _told(self, limits: Mapping[str, int], more: Mapping[str, int], window: int, now_ms: int) -> list[Allowance]:
        counts = self._counted(more, window, WINDOW_SECONDS * 2)
        with self._lock:
            for name, (previous, current) in zip(more, counts, strict=True):
                since = known.since if (known := self._known.get(name)) else 0
                self._known.put(name, _Known(window, previous, current, now_ms, since))
        found = [allowance(limit, *count, now_ms) for limit, count in zip(limits.values(), counts, strict=True)]
        if any(one.exceeded for one in found):
            self._refused(dict(zip(limits, found, strict=True)), window, now_ms)
        return found

    def _refused(self, found: Mapping[str, Allowance], window: int, now_ms: int) -> None:
        """Takes the request back, and remembers who has had enough."""
        with self._lock:
            for name, one in found.items():
                if known := self._known.get(name):
                    known.current -= 1
                if one.exceeded:
                    self._shut.put(name, now_ms + one.reset_seconds * 1000)
        with suppress(Transient):  # then it counts once
            self._counted(dict.fromkeys(found, -1), window, WINDOW_SECONDS * 2)
