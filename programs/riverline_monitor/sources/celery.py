"""Celery's queues in the broker's Redis."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from riverline.adapters.redis.celery_queues import QUEUES, CeleryQueues
from riverline.adapters.redis.connection import Node
from riverline.monitoring.sample import series
from riverline_monitor.sampler import SourceReading


class CelerySource:
    """Length and age of each queue."""

    def __init__(self, node: Node, now_ms: Callable[[], int], queues: Sequence[str] = QUEUES) -> None:
        self._broker, self._queues = CeleryQueues(node, now_ms), queues

    def read(self) -> SourceReading:
        values: dict[str, float] = {}
        for name, waiting in zip(self._queues, self._broker.waiting(self._queues), strict=True):
            values[series("queue", name)] = float(waiting.tasks)
            values[series("queue_age", name)] = waiting.seconds
        return SourceReading({"unacked": float(self._broker.held()), **values})
