"""Kafka: records written, committed, and waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from riverline.monitoring.sample import series
from riverline.pipeline.contracts import PageLog
from riverline.stages import STAGES, StageState
from riverline_monitor.rates import Rates
from riverline_monitor.sampler import SourceReading

ASKED_MS, LONGEST_MS = 30_000, 300_000  # after which the brokers are asked whatever the spouts say: seldom where
DEAR = 400  # an answer about many topics takes long to read, which shall be one part in so many of the time

Ends = Mapping[tuple[str, int], tuple[int, int]]
Committed = Mapping[tuple[str, int], int]


class LogSource:
    """Lag, inflow and throughput, by topic and in sum; how many dead letters there have been.

    To ask for thousands of partitions is work, for the brokers too. While nothing waits and nothing comes, the last
    answer goes on for as long as `reading` stays the same: what the spouts, which wait for every partition, say that
    they have read; None where that is not known.
    """

    def __init__(
        self,
        log: PageLog,
        dead_letter: str,
        now_ms: Callable[[], int],
        reading: Callable[[], object | None] = lambda: None,
        spent: Callable[[], float] = time.process_time,
    ) -> None:
        self._log, self._dead, self._now_ms, self._reading = log, dead_letter, now_ms, reading
        self._spent = spent
        self._rates = Rates(born=True)  # a topic that is new was empty before
        self._last = _Answer(SourceReading({}), None, 0)

    def read(self) -> SourceReading:
        now, reading = self._now_ms(), self._reading()
        if not self._last.stands(reading, now):
            before = self._spent()
            answer = self._asked()
            self._last = _Answer(answer, reading, now + _rest(self._spent() - before))
        return self._last.reading

    def _asked(self) -> SourceReading:
        names = self._log.topics()
        ends = self._log.ends([*names, self._dead])
        dead = {place: span for place, span in ends.items() if place[0] == self._dead}
        pages = {place: span for place, span in ends.items() if place[0] != self._dead}
        counts = counted(pages, self._log.committed(names))
        values = lags(counts)
        values["dead_letters"] = sum(end for _, end in dead.values())
        return SourceReading(values | self._speeds(counts))

    def _speeds(self, counts: Mapping[str, tuple[int, int]]) -> dict[str, float]:
        totals: dict[str, float] = {}
        for topic, (written, done) in counts.items():
            totals[series("inflow", topic)], totals[series("throughput", topic)] = written, done
        found = self._rates.add(self._now_ms(), totals)
        # The whole is the sum of its topics: what was there before the monitor looked does not make a leap.
        for name in ("inflow", "throughput"):
            found[name] = sum(value for key, value in found.items() if key.startswith(f"{name}/"))
        return found


@dataclass(frozen=True)
class _Answer:
    """What the brokers said, what the spouts had read before, and until when (ms) it may be taken for true."""

    reading: SourceReading
    read: object | None
    until: int

    def stands(self, read: object | None, now: int) -> bool:
        """Whether it can be no other now."""
        known = read is not None and read == self.read and now < self.until
        values = self.reading.values
        return known and not any(values.get(name, 1.0) for name in ("lag", "inflow", "throughput"))


def _rest(seconds: float) -> int:
    """How long (ms) an answer may stand that took so much processor time."""
    return min(max(ASKED_MS, round(seconds * DEAR * 1000)), LONGEST_MS)


def read_by(states: Iterable[StageState]) -> object | None:
    """What the spouts among the tasks have read so far; None where there is none, or one that has something to do."""
    spouts = [state for state in states if state.component == STAGES[0]]
    if not spouts or any(state.gauges.get(name) for state in spouts for name in ("lag", "in_flight", "waiting")):
        return None
    return sorted((state.task, state.pid, state.counts.get("emitted", 0)) for state in spouts)


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
