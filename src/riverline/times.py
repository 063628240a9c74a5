"""Moments as RFC 3339 in UTC. Everywhere else they are milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(at_ms: int) -> str:
    """To the millisecond, for programs."""
    return f"{_seconds(at_ms)}.{at_ms % 1000:03d}Z"


def rfc3339_seconds(at_ms: int) -> str:
    """To the second, for people at a terminal."""
    return f"{_seconds(at_ms)}Z"


def _seconds(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
