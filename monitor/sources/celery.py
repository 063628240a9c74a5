"""Celery's queues, as they lie in the broker's Redis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from monitor.sampler import Reading
from riverline.monitoring.sample import series
from riverline.stores.redis_wire import Node

QUEUES = ("celery", "timelines", "long")  # those of tasks/app.py
UNACKED = "unacked"  # kombu's hash of what workers hold


class CelerySource:
    """Length and age of each queue. kombu pushes on the left and takes from the right: the oldest lies there."""

    def __init__(self, node: Node, now_ms: Callable[[], int], queues: Sequence[str] = QUEUES) -> None:
        self._node, self._now_ms, self._queues = node, now_ms, queues

    def read(self) -> Reading:
        commands = [command for name in self._queues for command in (("LLEN", name), ("LINDEX", name, -1))]
        *found, held = self._node.ask(*commands, ("HLEN", UNACKED))
        values: dict[str, float] = {"unacked": float(held)}
        for name, length, oldest in zip(self._queues, found[::2], found[1::2], strict=True):
            values[series("queue", name)] = float(length)
            values[series("queue_age", name)] = age(oldest, self._now_ms())
        return Reading(values)


def age(message: bytes | None, now_ms: int) -> float:
    """Seconds since a task was sent; 0 where there is none, or where it does not say."""
    if not message:
        return 0.0
    headers: dict[str, Any] = orjson.loads(message).get("headers") or {}
    sent = headers.get("sent_at")
    return max(0.0, (now_ms - sent) / 1000) if isinstance(sent, int | float) else 0.0
