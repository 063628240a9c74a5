"""How often somebody may ask: a sliding window, estimated from the counts of this window and the one before. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit. `reset_seconds`: until more is allowed than now."""

    limit: int
    remaining: int
    reset_seconds: int

    @property
    def exceeded(self) -> bool:
        return self.remaining < 0


def window_of(now_ms: int) -> int:
    """The number of the window that a time lies in."""
    return now_ms // (WINDOW_SECONDS * 1000)


def allowance(limit: int, previous: int, current: int, now_ms: int) -> Allowance:
    """After `current` requests in this window, this one among them, and `previous` in the one before.

    The requests of the window before count as if they had come evenly: of them, those that are not yet a window ago.
    """
    passed = now_ms / 1000 % WINDOW_SECONDS
    counted = previous * (1 - passed / WINDOW_SECONDS) + current
    return Allowance(limit, math.floor(limit - counted), max(1, math.ceil(WINDOW_SECONDS - passed)))
