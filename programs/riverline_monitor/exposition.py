"""The newest sample for Prometheus."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from riverline import metrics_server
from riverline.monitoring.sample import CUMULATIVE, SERIES, Sample, split

PREFIX = "riverline_monitor_"


class Exposition(Collector):
    """Every name of `SERIES` as a family, with a label for the subject where there are several."""

    def __init__(self) -> None:
        self.sample: Sample | None = None
        self.open: dict[str, int] = {}

    def count(self, incidents: dict[str, int]) -> None:
        """Open incidents, by severity."""
        self.open = incidents

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for series, value in (self.sample.values if self.sample else {}).items():
            name, subject = split(series)
            made = families.setdefault(name, _family(name))
            made.add_sample(_sample_name(name), {"subject": subject} if subject else {}, value)
        yield from families.values()
        incidents = GaugeMetricFamily(f"{PREFIX}incidents", "Open incidents, by severity", labels=["severity"])
        for severity, count in self.open.items():
            incidents.add_metric([severity], count)
        yield incidents

    def describe(self) -> Iterator[Metric]:
        yield from (_family(name) for name in SERIES)


def _family(name: str) -> Metric:
    kind = CounterMetricFamily if name in CUMULATIVE else GaugeMetricFamily
    meaning = SERIES.get(name, name)
    return kind(f"{PREFIX}{name}", meaning[:1].upper() + meaning[1:])


def _sample_name(name: str) -> str:
    return f"{PREFIX}{name}_total" if name in CUMULATIVE else f"{PREFIX}{name}"


def serve(exposition: Exposition, address: str) -> tuple[WSGIServer, threading.Thread]:
    """Serves `/metrics` there, on a thread."""
    registry = CollectorRegistry()
    registry.register(exposition)
    host, port = address.rsplit(":", 1)
    return metrics_server.serve(registry, host, int(port))
