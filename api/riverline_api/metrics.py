"""The API's metrics and the topology's, and `/metrics`. With several worker processes the numbers of all of them are
added up: PROMETHEUS_MULTIPROC_DIR must then name a folder, empty at the start, before this module is imported."""

from __future__ import annotations

import os
import time
from functools import lru_cache

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from riverline_api.resources.topology_metrics import Series, told

BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

REQUESTS = Counter(
    "riverline_api_requests", "Requests answered, by route, method and status", ("route", "method", "status")
)
REQUEST_SECONDS = Histogram("riverline_api_request_seconds", "Time to answer, by route", ("route",), buckets=BUCKETS)
SEARCH_SECONDS = Histogram(
    "riverline_search_seconds", "Time that the index took for a page of results", buckets=BUCKETS
)
TASKS_DROPPED = Counter("riverline_tasks_dropped", "Tasks not sent because the queue was away or too slow", ("task",))
REFUSED = Counter("riverline_api_refused", "Requests rejected, by reason", ("reason",))
RATE_UNKNOWN = Counter(
    "riverline_api_rate_unknown", "Requests accepted without a rate limit because the counters were unavailable"
)

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def exposed() -> Response:
    """All metrics in Prometheus' text format."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    stages = CollectorRegistry()
    stages.register(Series(told()))
    return Response(generate_latest(registry) + generate_latest(stages), content_type=CONTENT_TYPE_LATEST)


def register(app: Flask) -> None:
    """Counts and times the requests of an application."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(answer: Response) -> Response:
        # The rule, not the path: paths would make a series each.
        route = request.url_rule.rule if request.url_rule else "none"
        started = g.get("started")
        answered(route, request.method, answer.status_code, time.perf_counter() - started if started else None)
        return answer

    app.register_blueprint(metrics)


def answered(route: str, method: str, status: int, took: float | None) -> None:
    """Counts a request, and the seconds that it took, if they are known."""
    requests, seconds = _series(route, method, status)
    requests.inc()
    if took is not None:
        seconds.observe(took)


@lru_cache(2048)
def _series(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """What counts and times such requests. Methods that nobody knows are one series."""
    known = method if method in METHODS else "other"
    return REQUESTS.labels(route, known, status), REQUEST_SECONDS.labels(route)
