"""Kafka: what was written, what is done, what waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor.rates import Rates
from monitor.sampler import Reading
from riverline.monitoring.sample import series
from riverline.stores.contracts import PageLog

Ends = Mapping[tuple[str, int], tuple[int, int]]
Committed = Mapping[tuple[str, int], int]


class LogSource:
    """Lag, inflow and throughput, by topic and in sum; how many dead letters there have been."""

    def __init__(self, log: PageLog, dead_letter: str, now_ms: Callable[[], int]) -> None:
        self._log, self._dead, self._now_ms = log, dead_letter, now_ms
        self._rates = Rates()

    def read(self) -> Reading:
        names = self._log.topics()
        ends = self._log.ends([*names, self._dead])
        dead = {place: span for place, span in ends.items() if place[0] == self._dead}
        pages = {place: span for place, span in ends.items() if place[0] != self._dead}
        counts = counted(pages, self._log.committed(names))
        values = lags(counts)
        values["dead_letters"] = sum(end for _, end in dead.values())
        return Reading(values | self._speeds(counts))

    def _speeds(self, counts: Mapping[str, tuple[int, int]]) -> dict[str, float]:
        totals: dict[str, float] = {}
        for topic, (written, done) in counts.items():
            totals[series("inflow", topic)], totals[series("throughput", topic)] = written, done
        found = self._rates.add(self._now_ms(), totals)
        # The whole is the sum of its topics: a topic that is new does not make a leap.
        for name in ("inflow", "throughput"):
            found[name] = sum(value for key, value in found.items() if key.startswith(f"{name}/"))
        return found


def counted(ends: Ends, committed: Committed) -> dict[str, tuple[int, int]]:
    """For each topic how many records were written, and how many of them are done."""
    found: dict[str, tuple[int, int]] = {}
    for place, (first, end) in ends.items():
        # Where nothing was committed yet, all that is there waits.
        done = min(max(committed.get(place, first), first), end)
        before = found.get(place[0], (0, 0))
        found[place[0]] = (before[0] + end, before[1] + done)
    return found


def lags(counts: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """Lag by topic, and in sum."""
    values: dict[str, float] = {series("lag", topic): written - done for topic, (written, done) in counts.items()}
    return values | {"lag": sum(values.values())}
