"""What the stages of the topology count: every metric's name with its meaning, and the object that counts.

They are published by pipeline/reporting.py and served at `/metrics` as `riverline_stage_<name>`, with the labels
`component` and `task`: counts end in `_total`, times in `_seconds`. docs/reference/monitoring.md lists them, and a test
compares.
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
    """One thing that stages count or measure."""

    name: str
    kind: Literal["count", "gauge", "seconds"]
    stages: tuple[str, ...]
    meaning: str

    @property
    def series(self) -> str:
        """Its name in Prometheus."""
        return f"riverline_stage_{self.name}" + {"count": "_total", "gauge": "", "seconds": "_seconds"}[self.kind]


METRICS = (
    Metric("emitted", "count", SPOUT, "Records emitted, including those emitted again"),
    Metric("acked", "count", SPOUT, "Records finished: their fate is written"),
    Metric("retries", "count", SPOUT, "Records sent again after a failure"),
    Metric("commits", "count", SPOUT, "Offset commits that Kafka accepted"),
    Metric("polling_errors", "count", SPOUT, "Failures to read from Kafka or to commit"),
    Metric("in", "count", BOLTS, "Tuples received"),
    Metric("done", "count", BOLTS, "Tuples acknowledged, whatever the result"),
    Metric("failed", "count", STAGES[:-1], "Tuples failed, or left to the message timeout, to be sent again"),
    Metric("stale", "count", BOLTS[:-1], "Tuples returned unprocessed because they had waited too long"),
    Metric("overdue", "count", SPOUT, "Tuples that came back as stale, or that Storm gave up on"),
    Metric("dead", "count", STAGES, "Records that became dead letters in this stage"),
    Metric("filtered", "count", BOLTS[:-1], "Pages filtered in this stage"),
    Metric("duplicate", "count", FILTERS, "Pages found to be duplicates in this stage"),
    Metric("suspicions", "count", FILTERS[:1], "Pages that the seen-filter suspected and the index was asked about"),
    Metric("false_suspicions", "count", FILTERS[:1], "Suspicions that the index did not confirm"),
    Metric("unconfirmed", "count", FILTERS[:1], "Suspicions let through because the index could not be asked"),
    Metric("settled", "count", FILTERS[:1], "Records sent again that already had their fate"),
    Metric("bulks", "count", INDEX, "Bulks written"),
    Metric("bulk_items", "count", INDEX, "Records in these bulks"),
    Metric("retried", "count", INDEX, "Records written again because the index was busy (429)"),
    Metric("outages", "count", INDEX, "Bulks that got no answer and were kept"),
    Metric("in_flight", "gauge", STAGES, "Records emitted and not finished; in a bolt, tuples not answered yet"),
    Metric("in_flight_bytes", "gauge", SPOUT, "Bytes of the records in flight, with each copy that a bolt may hold"),
    Metric("window", "gauge", SPOUT, "Records allowed in flight: as many as can be finished in time"),
    Metric("waiting", "gauge", SPOUT, "Failed records waiting for their next attempt"),
    Metric("lag", "gauge", SPOUT, "Unfinished records of its partitions, including those not read yet"),
    Metric("partitions", "gauge", SPOUT, "Partitions that this task reads"),
    Metric("full_partitions", "gauge", SPOUT, "Partitions paused because they hold as many records as allowed"),
    Metric("seen_keys", "gauge", FILTERS[:1], "Keys in the seen-filter, over all generations"),
    Metric("seen_generations", "gauge", FILTERS[:1], "Generations of the seen-filter"),
    Metric("seen_false_rate", "gauge", FILTERS[:1], "Share of random keys taken for seen, one tried at each addition"),
    Metric("bulk_size", "gauge", INDEX, "Records in the last bulk"),
    Metric("tuple", "seconds", STAGES, "Time from a tuple's arrival (in the spout: from its emission) to its answer"),
    Metric("bulk", "seconds", INDEX, "Time for one bulk, with its look-ups"),
    Metric("age", "seconds", INDEX, "Time from a record's arrival in Kafka to its fate"),
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
        """A gauge that is read when the state is published; from another thread."""
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
        answered = sum(self._counts.get(name, 0) for name in ("done", "failed", "stale"))
        return self._counts["in"] - answered
