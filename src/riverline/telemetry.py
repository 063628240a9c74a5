"""What the stages of the topology count: every metric's name with its meaning, and the object that counts.

They are published by content/reporting.py and told by `/metrics` as `riverline_stage_<name>`, with the labels
`component` and `task`: counts end in `_total`, times in `_seconds`. docs/operations.md lists them; a test compares.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from riverline.stages import BOUNDS, STAGES, Seconds, StageState, bucket

SPOUT, BOLTS, FILTERS, INDEX = STAGES[:1], STAGES[1:], ("deduplicate", "index"), STAGES[-1:]
RATE_SECONDS = 30.0
RECENT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that stages tell."""

    name: str
    kind: Literal["count", "gauge", "seconds"]
    stages: tuple[str, ...]
    meaning: str

    @property
    def series(self) -> str:
        """Its name in Prometheus."""
        return f"riverline_stage_{self.name}" + {"count": "_total", "gauge": "", "seconds": "_seconds"}[self.kind]


METRICS = (
    Metric("emitted", "count", SPOUT, "Records sent on their way, those sent again included"),
    Metric("acked", "count", SPOUT, "Records that are finished: their fate is written"),
    Metric("retries", "count", SPOUT, "Records sent again after a failure"),
    Metric("commits", "count", SPOUT, "Commits of offsets that Kafka took"),
    Metric("polling_errors", "count", SPOUT, "Times that reading from Kafka or committing failed"),
    Metric("in", "count", BOLTS, "Tuples taken in"),
    Metric("done", "count", BOLTS, "Tuples acknowledged, whatever became of them"),
    Metric("failed", "count", STAGES[:-1], "Tuples given back to be sent again"),
    Metric("dead", "count", STAGES, "Records that ended here as dead letters"),
    Metric("filtered", "count", BOLTS[:-1], "Pages that ended here as filtered"),
    Metric("duplicate", "count", FILTERS, "Pages that ended here as duplicates"),
    Metric("suspicions", "count", FILTERS[:1], "Pages that the seen-filter suspected, and the index was asked about"),
    Metric("false_suspicions", "count", FILTERS[:1], "Suspicions that the index did not confirm"),
    Metric("bulks", "count", INDEX, "Bulks that were written"),
    Metric("bulk_items", "count", INDEX, "Records in these bulks"),
    Metric("retried", "count", INDEX, "Records that the index was too busy for (429) and that were written again"),
    Metric("outages", "count", INDEX, "Bulks that got no answer and were kept"),
    Metric("in_flight", "gauge", STAGES, "Records sent and not finished; in a bolt, tuples taken in and not answered"),
    Metric("in_flight_bytes", "gauge", SPOUT, "Bytes of the records in flight"),
    Metric("waiting", "gauge", SPOUT, "Failed records that wait for their pause to end"),
    Metric("lag", "gauge", SPOUT, "Records of its partitions that are not finished"),
    Metric("partitions", "gauge", SPOUT, "Partitions that this task reads"),
    Metric("full_partitions", "gauge", SPOUT, "Partitions not read on while they hold as many records as they may"),
    Metric("seen_keys", "gauge", FILTERS, "Keys in the seen-filter, all generations together"),
    Metric("seen_generations", "gauge", FILTERS, "Generations of the seen-filter"),
    Metric("seen_false_rate", "gauge", FILTERS, "Share of random keys, one at each addition, taken for seen"),
    Metric("bulk_size", "gauge", INDEX, "Records in the last bulk"),
    Metric("tuple", "seconds", STAGES, "From a tuple's arrival, in the spout from its sending, until it was answered"),
    Metric("bulk", "seconds", INDEX, "For one bulk, with its look-ups"),
    Metric("age", "seconds", INDEX, "From a record's arrival in Kafka until its fate was written"),
)  # fmt: skip


class Stage:
    """Counts for one task. Thread-safe, and cheap beside anything that is done with a page: about a microsecond a call.

    A name that METRICS does not give to this component raises KeyError. `clock` counts seconds, monotonically.
    """

    def __init__(self, component: str, task: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.component, self.task, self.clock = component, task, clock
        own = [metric for metric in METRICS if component in metric.stages]
        self._lock = threading.Lock()
        self._counts = {metric.name: 0 for metric in own if metric.kind == "count"}
        self._gauges = {metric.name: 0.0 for metric in own if metric.kind == "gauge"}
        self._sums = {metric.name: 0.0 for metric in own if metric.kind == "seconds"}
        self._buckets = {name: [0] * (len(BOUNDS) + 1) for name in self._sums}
        self._sources: dict[str, Callable[[], float]] = {}
        self._earlier: deque[tuple[float, dict[str, int], dict[str, Seconds]]] = deque([(clock(), *self._totals())])
        if "in" in self._counts:
            self.watch("in_flight", self._unanswered)

    def count(self, name: str, more: int = 1) -> None:
        with self._lock:
            self._counts[name] += more

    def set(self, name: str, value: float) -> None:
        """The value of a gauge."""
        if name not in self._gauges:
            raise KeyError(name)
        self._gauges[name] = value

    def watch(self, name: str, source: Callable[[], float]) -> None:
        """A gauge that is asked for when the state is told; from another thread."""
        self.set(name, 0)
        self._sources[name] = source

    def observe(self, name: str, seconds: float) -> None:
        with self._lock:
            self._sums[name] += seconds
            self._buckets[name][bucket(seconds)] += 1

    def state(self, at: int) -> StageState:
        """All of it, as of `at` (ms since 1970). Rates are of the time since earlier calls, up to RATE_SECONDS ago."""
        for name, source in self._sources.items():
            self.set(name, source())
        now = self.clock()
        with self._lock:
            counts, seconds = self._totals()
            gauges = dict(self._gauges)
        while len(self._earlier) > 1 and now - self._earlier[0][0] > RECENT_SECONDS:
            self._earlier.popleft()
        rates, minute = self._lately(now, counts, seconds)
        self._earlier.append((now, counts, seconds))
        return StageState(
            self.component, self.task, at, socket.gethostname(), os.getpid(), counts, gauges, seconds, rates, minute
        )

    def _totals(self) -> tuple[dict[str, int], dict[str, Seconds]]:
        seconds = {name: Seconds(sum(of), self._sums[name], tuple(of)) for name, of in self._buckets.items()}
        return dict(self._counts), seconds

    def _lately(
        self, now: float, counts: Mapping[str, int], seconds: Mapping[str, Seconds]
    ) -> tuple[dict[str, float], dict[str, Seconds]]:
        """The rates of the counts, and the times of the last minute."""
        recent = (one for one in self._earlier if now - one[0] <= RATE_SECONDS)
        then, before, _ = next(recent, self._earlier[-1])
        passed = max(now - then, 1e-9)
        _, _, minute_ago = self._earlier[0]
        return (
            {name: (count - before[name]) / passed for name, count in counts.items()},
            {name: one - minute_ago[name] for name, one in seconds.items()},
        )

    def _unanswered(self) -> float:
        return self._counts["in"] - self._counts["done"] - self._counts.get("failed", 0)
