"""What waits in Celery's queues, as kombu lays it into the broker's Redis: the newest on the left, the oldest is taken
from the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from riverline.adapters.redis.connection import Node

EVERYTHING, TIMELINES, LONG = QUEUES = ("celery", "timelines", "long")  # a worker takes from each in turn
UNACKED = "unacked"  # kombu's hash of what workers hold


@dataclass(frozen=True, slots=True)
class Waiting:
    """Tasks of a queue, and for how many seconds the oldest has waited."""

    tasks: int
    seconds: float


class CeleryQueues:
    """Raises Transient when it is away."""

    def __init__(self, node: Node, now_ms: Callable[[], int]) -> None:
        self._node, self._now_ms = node, now_ms

    def waiting(self, queues: Sequence[str]) -> list[Waiting]:
        """Of each queue."""
        found = self._node.ask(*(command for name in queues for command in (("LLEN", name), ("LINDEX", name, -1))))
        now = self._now_ms()
        return [Waiting(found[at], age(found[at + 1], now)) for at in range(0, len(found), 2)]

    def held(self) -> int:
        """Tasks that workers hold and have not done."""
        [count] = self._node.ask(("HLEN", UNACKED))
        return int(count)


def age(message: bytes | None, now_ms: int) -> float:
    """Seconds since a task was sent; 0 where there is none, or where it does not say."""
    if not message:
        return 0.0
    headers: dict[str, Any] = orjson.loads(message).get("headers") or {}
    sent = headers.get("sent_at")
    return max(0.0, (now_ms - sent) / 1000) if isinstance(sent, int | float) else 0.0
