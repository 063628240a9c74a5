"""Elasticsearch: its state, rejected requests, heap and disk."""

from __future__ import annotations

from typing import Any

from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.monitoring.sample import series
from riverline_monitor.sampler import SourceReading

STATES = {"green": 2.0, "yellow": 1.0, "red": 0.0}
POOLS = ("write", "search", "get")
HEALTH = "status,unassigned_shards"
STATS = "nodes.*.name,nodes.*.thread_pool.*.rejected,nodes.*.jvm.mem.heap_used_percent,nodes.*.fs.total"
SECONDS = 3.0


class SearchSource:
    def __init__(self, connection: ElasticsearchConnection) -> None:
        self._connection = connection

    def read(self) -> SourceReading:
        health = self._get("/_cluster/health", HEALTH)
        return SourceReading(values_of(health, self._get("/_nodes/stats/thread_pool,jvm,fs", STATS)))

    def _get(self, path: str, chosen: str) -> Any:
        return self._connection.call("GET", path, params={"filter_path": chosen}, timeout=SECONDS)


def values_of(health: dict[str, Any], stats: dict[str, Any]) -> dict[str, float]:
    """The numbers of the two answers."""
    nodes = list((stats.get("nodes") or {}).values())
    values = {
        "search_health": STATES.get(health["status"], 0.0),
        "search_unassigned": float(health.get("unassigned_shards", 0)),
    }
    for pool in POOLS:
        refused = [node.get("thread_pool", {}).get(pool, {}).get("rejected", 0) for node in nodes]
        values[series("search_rejected", pool)] = float(sum(refused))
    for node in nodes:
        values[series("search_heap", node["name"])] = node["jvm"]["mem"]["heap_used_percent"] / 100
        total = node["fs"]["total"]
        used = 1 - total["available_in_bytes"] / max(1, total["total_in_bytes"])
        values[series("search_disk", node["name"])] = used
    return values
