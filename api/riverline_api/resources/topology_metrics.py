"""What the topology's tasks report, for `/metrics`, the API and the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from riverline.errors import Transient
from riverline.stages import BOUNDS, StageProgress, StageState, progress
from riverline.telemetry import METRICS
from riverline_api.context import services

LABELS = ("component", "task")


def told() -> list[StageState]:
    """The states of the tasks that have said something lately; none where that cannot be known."""
    try:
        return services().stages.fresh(services().now_ms())
    except Transient:
        return []


def stages() -> list[StageProgress]:
    """The topology's stages in the order of a page's way. A stage that says nothing is left out."""
    return progress(told())


class Series(Collector):
    """Prometheus' series of some states: `riverline_stage_*`."""

    def __init__(self, states: Sequence[StageState]) -> None:
        self._states = states

    def collect(self) -> Iterator[Metric]:
        for metric in METRICS:
            states = [state for state in self._states if state.component in metric.stages]
            if metric.kind == "seconds":
                yield _histogram(metric.series, metric.meaning, metric.name, states)
            elif metric.kind == "count":
                family = CounterMetricFamily(metric.series, metric.meaning, labels=LABELS)
                for state in states:
                    family.add_metric(_labels(state), state.counts.get(metric.name, 0))
                yield family
            else:
                gauge = GaugeMetricFamily(metric.series, metric.meaning, labels=LABELS)
                for state in states:
                    gauge.add_metric(_labels(state), state.gauges.get(metric.name, 0))
                yield gauge


def _histogram(series: str, meaning: str, name: str, states: Sequence[StageState]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(series, meaning, labels=LABELS)
    for state in states:
        if times := state.seconds.get(name):
            bounds = [*map(str, BOUNDS), "+Inf"]
            family.add_metric(_labels(state), list(zip(bounds, accumulate(times.buckets), strict=True)), times.sum)
    return family


def _labels(state: StageState) -> tuple[str, str]:
    return state.component, str(state.task)
