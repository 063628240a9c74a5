"""The Redis Cluster and Celery's Redis: memory, and which nodes answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riverline.adapters.redis.connection import Node
from riverline.errors import Transient
from riverline.monitoring.sample import series
from riverline_monitor.sampler import SourceReading


class RedisSource:
    """Each node for itself: one that is away is down, the others still tell."""

    def __init__(self, nodes: Sequence[Node], cluster: bool) -> None:
        self._nodes, self._cluster = nodes, cluster

    def read(self) -> SourceReading:
        values: dict[str, float] = {}
        down: dict[str, str] = {}
        for node in self._nodes:
            try:
                values.update(self._ask(node))
            except Transient as error:
                values[series("redis_up", node.address)] = 0.0
                down[f"redis {node.address}"] = str(error)
        return SourceReading(values, down)

    def _ask(self, node: Node) -> dict[str, float]:
        questions = [("INFO", "memory"), *([("CLUSTER", "INFO")] if self._cluster else [])]
        found: dict[str, str] = {}
        for answer in node.ask(*questions):
            found |= fields(answer)
        return values_of(node.address, found)


def values_of(address: str, found: Mapping[str, str]) -> dict[str, float]:
    """A node's numbers. Without a limit of its own a node may use the machine's memory."""
    used = float(found.get("used_memory", 0))
    most = float(found.get("maxmemory", 0)) or float(found.get("total_system_memory", 0))
    values = {
        series("redis_up", address): 1.0 if found.get("cluster_state", "ok") == "ok" else 0.0,
        series("redis_memory", address): used,
    }
    if most:
        values[series("redis_memory_share", address)] = used / most
    return values


def fields(answer: bytes) -> dict[str, str]:
    """The `name:value` lines of INFO."""
    lines = answer.decode(errors="replace").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))
