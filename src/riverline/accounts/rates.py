"""How often a client may ask: a sliding window, estimated from the counts of this window and the one before. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit. `reset_seconds`: until more is allowed than now; where it is exceeded, until a request
    is let in."""

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
    A refused request does not count: a client that waits as long as it is told is accepted.
    """
    passed = now_ms / 1000 % WINDOW_SECONDS
    remaining = math.floor(limit - previous * (1 - passed / WINDOW_SECONDS) - current)
    rest = WINDOW_SECONDS - passed if remaining >= 0 else _until_let_in(limit, previous, current - 1, passed)
    return Allowance(limit, remaining, max(1, math.ceil(rest)))


def _until_let_in(limit: int, previous: int, let_in: int, passed: float) -> float:
    """Seconds until one more request fits, when nobody else asks."""
    if let_in < limit:
        return _fits_at(limit - let_in - 1, previous) - passed
    return WINDOW_SECONDS - passed + _fits_at(limit - 1, let_in)


def _fits_at(room: int, previous: int) -> float:
    """When in a window so few requests of the one before count any more, in seconds since it began."""
    return WINDOW_SECONDS * max(0.0, 1 - room / previous) + 1e-6 if previous else 0.0
