"""The API's own metrics, added up over its routes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from riverline_monitor.rates import Rates
from riverline_monitor.sampler import SourceReading

# One pattern instead of a general parser: the page is long, and all but two families of it are passed over.
_LINE = re.compile(
    r"^riverline_api_request(s_total|_seconds_bucket|_seconds_sum|_seconds_count)\{([^}]*)\} (\S+)$", re.M
)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
UNCOUNTED = ("/metrics", "/health/live", "/health/ready")  # asked by the monitor and its like

Totals = dict[str, float]


class ApiSource:
    def __init__(self, fetch: Callable[[], str], now_ms: Callable[[], int]) -> None:
        self._fetch, self._now_ms = fetch, now_ms
        self._rates = Rates()

    def read(self) -> SourceReading:
        return SourceReading(values_of(self._rates.add(self._now_ms(), totals(self._fetch()))))


def totals(text: str) -> Totals:
    """The sums over all routes: `requests`, `failed`, `sum`, `count`, and `le:<bound>` for each bucket."""
    found: Totals = {"requests": 0.0, "failed": 0.0, "sum": 0.0, "count": 0.0}
    for family, written, number in _LINE.findall(text):
        labels = dict(_LABEL.findall(written))
        if labels.get("route") in UNCOUNTED:
            continue
        for name in _names(family, labels):
            found[name] = found.get(name, 0.0) + float(number)
    return found


def _names(family: str, labels: Mapping[str, str]) -> Iterable[str]:
    if family == "s_total":
        return ("requests", "failed") if labels["status"].startswith("5") else ("requests",)
    if family == "_seconds_bucket":
        return (f"le:{labels['le']}",)
    return (family.removeprefix("_seconds_"),)


def values_of(rates: Mapping[str, float]) -> dict[str, float]:
    """Nothing before there are rates; no latency where nobody asked."""
    if "requests" not in rates:
        return {}
    rate, count = rates["requests"], rates.get("count", 0.0)
    values = {"api_rate": rate, "api_errors": rates["failed"] / rate if rate else 0.0}
    if count:
        buckets = {float(name[3:]): value for name, value in rates.items() if name.startswith("le:")}
        values |= {"api_latency": rates["sum"] / count, "api_p99": quantile(0.99, buckets)}
    return values


def quantile(share: float, buckets: Mapping[float, float]) -> float:
    """The value below which that share lies, from cumulative counts by upper bound, even within a bucket.

    Beyond the last bound that is finite, that bound.
    """
    bounds = sorted(buckets)
    if not bounds or not buckets[bounds[-1]]:
        return 0.0
    wanted, low, below = share * buckets[bounds[-1]], 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= wanted:
            inside = buckets[bound] - below
            return low if bound == float("inf") or not inside else low + (bound - low) * (wanted - below) / inside
        low, below = bound, buckets[bound]
    return low
