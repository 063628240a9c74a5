"""A crawler's Prometheus metrics."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from riverline import metrics_server
from riverline_crawler.scheduling.crawl_rounds import Round
from riverline_crawler.stats import CrawlStats, Report

REGISTRY = CollectorRegistry()
COUNTED = ("requested", "fetched", "acknowledged", "bytes")
REASONS = ("refused", "answers", "errors", "retried")


class Gauges(Collector):
    """The counts of the targets that are or were crawled; those of a target start anew with each round."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._counts: dict[str, CrawlStats] = {}
        self._waiting: dict[str, int] = {}
        self._paused = 0
        registry.register(self)

    def set(self, report: Report, rounds: list[Round]) -> None:
        self._counts, self._paused = dict(report.targets), report.paused
        self._waiting = {round_.target.name: round_.open for round_ in rounds}

    def collect(self) -> Any:
        waiting = GaugeMetricFamily("riverline_crawl_waiting", "Addresses still to request", labels=("target",))
        for name, count in self._waiting.items():
            waiting.add_metric((name,), count)
        yield waiting
        for name in COUNTED:
            family = CounterMetricFamily(
                f"riverline_crawl_{name}", f"{name.capitalize()}, by target", labels=("target",)
            )
            for target, counts in self._counts.items():
                family.add_metric((target,), getattr(counts, name))
            yield family
        for name in REASONS:
            text = f"{name.capitalize()}, by target and reason"
            family = CounterMetricFamily(f"riverline_crawl_{name}", text, labels=("target", "reason"))
            for target, counts in self._counts.items():
                for reason, count in getattr(counts, name).items():
                    family.add_metric((target, reason), count)
            yield family
        yield CounterMetricFamily(
            "riverline_crawl_paused", "Times that Redis could not say whose turn it was", self._paused
        )


def serve(address: str, number: int) -> None:
    """Serves the metrics of the crawler with that number, from 1: the first at the address, the others above it."""
    host, port = address.rsplit(":", 1)
    metrics_server.serve(REGISTRY, host, int(port) + number - 1)
