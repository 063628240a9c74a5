"""The API's metrics, and `/metrics`. With several worker processes the numbers of all of them are added up:
PROMETHEUS_MULTIPROC_DIR must then name a folder, empty at the start, before this module is imported."""

from __future__ import annotations

import os
import time

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

REQUESTS = Counter(
    "riverline_api_requests", "Requests answered, by route, method and status", ("route", "method", "status")
)
REQUEST_SECONDS = Histogram(
    "riverline_api_request_seconds", "Time to the answer, by route", ("route",), buckets=BUCKETS
)
SEARCH_SECONDS = Histogram(
    "riverline_search_seconds", "Time that the index took for a page of results", buckets=BUCKETS
)
TASKS_DROPPED = Counter("riverline_tasks_dropped", "Tasks not sent, since the queue was away or too slow", ("task",))
REFUSED = Counter("riverline_api_refused", "Requests that were not let in, by reason", ("reason",))
RATE_UNKNOWN = Counter("riverline_api_rate_unknown", "Requests let in uncounted, since the counts were away")

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def exposed() -> Response:
    """All metrics in Prometheus' text format."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def register(app: Flask) -> None:
    """Counts and times the requests of an application."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(answer: Response) -> Response:
        # The rule, not the path: paths would make a series each.
        route = request.url_rule.rule if request.url_rule else "none"
        REQUESTS.labels(route, request.method, answer.status_code).inc()
        if "started" in g:
            REQUEST_SECONDS.labels(route).observe(time.perf_counter() - g.started)
        return answer

    app.register_blueprint(metrics)
