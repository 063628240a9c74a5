"""What may be done so often an hour, beside the limits of requests a minute: what costs much, or is mailed."""

from __future__ import annotations

from flask import abort

from riverline.errors import Transient
from riverline_api.context import services
from riverline_api.http.problems import problem
from riverline_api.metrics import RATE_UNKNOWN, REFUSED

HOUR_MS = 3_600_000


def bound(name: str, limit: int, what: str) -> None:
    """Counts one more of that name, and ends the request with 429 beyond the limit; 0: there is none."""
    if limit and in_this_hour(name) > limit:
        REFUSED.labels("too_many").inc()
        answer = problem(429, f"more than {limit} {what} in an hour")
        answer.headers["Retry-After"] = str((HOUR_MS - services().now_ms() % HOUR_MS) // 1000 + 1)
        abort(answer)


def in_this_hour(name: str) -> int:
    """How often that was counted in this hour, now included; 0 while the counts are away."""
    try:
        [(_, count)] = services().key_value.counted({name: 1}, services().now_ms() // HOUR_MS, 2 * HOUR_MS // 1000)
    except Transient:
        RATE_UNKNOWN.inc()
        return 0
    return count
