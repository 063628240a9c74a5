"""Nimbus and the stages: the topology's figures, from Storm and from its own tasks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from riverline.adapters.storm.nimbus import nimbus_client
from riverline.contracts import KeyValue
from riverline.errors import Transient
from riverline.monitoring import executors
from riverline.monitoring.sample import series
from riverline.pipeline.contracts import Stages
from riverline.settings import Storm
from riverline.stages import StageProgress, StageState, progress
from riverline_monitor.rates import Rates
from riverline_monitor.sampler import SourceReading

BUSY_WINDOW_MS = 12_000
BUSY_TIMES = {"deduplicate": "tuple", "parse": "tuple", "tag": "tuple", "index": "bulk"}  # what a stage's work is
MINE = ("pages", "deduplicate", "parse", "tag", "index")
ALL_TIME = ":all-time"


class StagesSource:
    """What the tasks say. How busy each is follows from the seconds that its steps took between two of its words."""

    def __init__(self, stages: Stages, now_ms: Callable[[], int]) -> None:
        self._stages, self._now_ms = stages, now_ms
        self._rates: dict[tuple[str, int, int], Rates] = {}

    def read(self) -> SourceReading:
        states = self._stages.fresh(self._now_ms())
        values: dict[str, float] = {}
        for one in progress(states):
            values |= told(one)
        return SourceReading(values | self._busy(states) | retries(states))

    def _busy(self, states: Iterable[StageState]) -> dict[str, float]:
        shares: dict[str, list[float]] = {}
        kept: dict[tuple[str, int, int], Rates] = {}
        for state in states:
            key = (state.component, state.task, state.pid)
            kept[key] = self._rates.get(key, Rates(BUSY_WINDOW_MS))
            times = state.seconds.get(BUSY_TIMES.get(state.component, ""))
            if times is not None:
                found = kept[key].add(state.at, {"seconds": times.sum, "steps": float(times.count)})
                shares.setdefault(state.component, []).append(min(1.0, found.get("seconds", 0.0)))
        self._rates = kept
        return {series("stage_busy", name): mean_of_working(found) for name, found in shares.items()}


def mean_of_working(shares: list[float]) -> float:
    """Of those tasks that do something: spare ones wait to be called."""
    working = [share for share in shares if share > 0.0]
    return sum(working) / len(working) if working else 0.0


def told(one: StageProgress) -> dict[str, float]:
    """A stage's own words as series."""
    values = {
        "stage_rate": one.rate,
        "stage_done": one.done_rate,
        "stage_errors": one.error_rate,
        "stage_in_flight": float(one.in_flight),
        "stage_tasks": float(one.tasks),
    }
    if one.latency_ms is not None and one.p99_ms is not None:
        values |= {"stage_latency": one.latency_ms / 1000, "stage_p99": one.p99_ms / 1000}
    return {series(name, one.name): value for name, value in values.items()}


def retries(states: Iterable[StageState]) -> dict[str, float]:
    """Records sent again, a second, by stage."""
    found: dict[str, float] = {}
    for state in states:
        for name in ("retries", "retried"):
            if name in state.rates:
                key = series("stage_retries", state.component)
                found[key] = found.get(key, 0.0) + state.rates[name]
    return found


class NimbusSource:
    """What Nimbus counts; and tells the bolts, by Redis, how many executors there are."""

    def __init__(self, storm: Storm, key_value: KeyValue) -> None:
        self._address, self._topology, self._key_value = storm.nimbus, storm.topology, key_value
        self._key = storm.key(executors.KEY)
        self._uptimes: dict[tuple[str, int], int] = {}
        self._restarts = 0

    def read(self) -> SourceReading:
        with nimbus_client(self._address) as nimbus:
            cluster = nimbus.getClusterInfo()
            values = {"slots_free": float(sum(s.num_workers - s.num_used_workers for s in cluster.supervisors))}
            one = next((one for one in cluster.topologies if one.name == self._topology), None)
            if one is None:
                return SourceReading(values, {"topology": f"{self._topology} is not submitted"})
            page = nimbus.getTopologyPageInfo(one.id, ALL_TIME, False)
        self._count_restarts(page.workers or [])
        with contextlib.suppress(Transient):  # the bolts go on with what they know
            executors.write(self._key_value, executors_of(page), self._key)
        return SourceReading(values | values_of(page) | {"storm_restarts": float(self._restarts)})

    def _count_restarts(self, workers: Iterable[Any]) -> None:
        """A worker whose uptime fell was started again."""
        now = {(worker.host, worker.port): int(worker.uptime_secs or 0) for worker in workers}
        self._restarts += sum(uptime < self._uptimes.get(place, 0) for place, uptime in now.items())
        self._uptimes = now


def _components(page: Any) -> Mapping[str, Any]:
    found = {**(page.id_to_spout_agg_stats or {}), **(page.id_to_bolt_agg_stats or {})}
    return {name: stats for name, stats in found.items() if name in MINE}


def executors_of(page: Any) -> dict[str, int]:
    """By component."""
    return {name: int(stats.common_stats.num_executors or 0) for name, stats in _components(page).items()}


def values_of(page: Any) -> dict[str, float]:
    """The numbers of Thrift's TopologyPageInfo."""
    values: dict[str, float] = {}
    for name, stats in _components(page).items():
        common = stats.common_stats
        values[series("executors", name)] = float(common.num_executors or 0)
        values[series("storm_acked", name)] = float(common.acked or 0)
        values[series("storm_failed", name)] = float(common.failed or 0)
        specific = stats.specific_stats
        found = specific.bolt.process_latency_ms if specific.bolt else specific.spout.complete_latency_ms
        values[series("storm_latency", name)] = float(found or 0.0)
    uptimes = [float(worker.uptime_secs or 0) for worker in page.workers or []]
    return values | ({"storm_uptime": min(uptimes)} if uptimes else {})
