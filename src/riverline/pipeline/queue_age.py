"""How long a tuple has been in transit, without a clock shared by both hosts. Pure.

Sender and receiver each read their own monotonic clock; the difference is the time on the way and an unknown constant.
The least difference of late belongs to a tuple that hardly waited, so what a tuple has beyond it is its wait: the
base delay of LEDBAT (RFC 6817). If all have waited of late the wait is underestimated, not overestimated. A clock
that jumped (a machine that was suspended) is forgotten with the differences of before; until then a second bound
holds, for which no sender's clock is needed: in the queue of a task nothing has waited for longer than the task has
been busy.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(slots=True)
class _Base:
    """The least difference of two spans of time, the present one and the one before."""

    since: float
    now: float = inf
    before: float = inf

    @property
    def least(self) -> float:
        return min(self.now, self.before)


class QueueAge:
    """Of the tuples that one task takes in. `memory`: seconds after which a difference is forgotten, at most twice."""

    def __init__(self, memory: float) -> None:
        self.memory = memory
        self._bases: dict[str, _Base] = {}

    def of(self, clock: str, sent_at: float, now: float, idle_at: float = -inf) -> float:
        """Seconds since a tuple was sent, by the sender's clock of that name; 0 at least. `idle_at`: when this task
        last waited for input."""
        base = self._base(clock, now)
        base.now = min(base.now, now - sent_at)
        return min(now - sent_at - base.least, now - idle_at)

    def _base(self, clock: str, now: float) -> _Base:
        base = self._bases.get(clock)
        if base is None:
            self._bases = {name: one for name, one in self._bases.items() if now - one.since < 2 * self.memory}
            base = self._bases[clock] = _Base(now)
        elif (silent := now - base.since) >= self.memory:
            base.since, base.now, base.before = now, inf, base.now if silent < 2 * self.memory else inf
        return base
