"""A sample: all that the monitor knew at one moment, as numbers by series.

A series is a name of `SERIES`, or `name/subject` where there is one for each topic, stage or program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

NOW_KEY = "MONITOR_NOW"
NOW_SECONDS = 60.0  # a sample that is older says nothing of now

SERIES: Mapping[str, str] = {
    "lag": "records written and not yet committed; by topic",
    "inflow": "records written per second, over 30 s; by topic",
    "throughput": "records finished per second, over 30 s; by topic",
    "pressure": "inflow divided by throughput",
    "catch_up": "seconds until the backlog is gone at the present rates; 86400 if never",
    "dead_letters": "records written to the dead letters since the topic was created",
    "dead_letters_waiting": "dead letters neither sent again, settled nor dismissed",
    "stage_rate": "tuples received per second, over 30 s; by stage",
    "stage_done": "tuples finished per second, over 30 s; by stage",
    "stage_latency": "mean seconds of a step, over 30 s; by stage",
    "stage_p99": "99th percentile of the seconds of a step, over 30 s; by stage",
    "stage_errors": "failed steps per second, over 30 s; by stage",
    "stage_retries": "records sent again per second, over 30 s; by stage",
    "stage_busy": "share of the time that a stage's tasks are busy; by stage",
    "stage_in_flight": "tuples received and not finished; by stage",
    "stage_tasks": "tasks that have reported lately; by stage",
    "executors": "executors of a component, as Nimbus reports; by component",
    "storm_acked": "tuples acknowledged since the start, as Nimbus counts; by component",
    "storm_failed": "tuples failed since the start, as Nimbus counts; by component",
    "storm_latency": "mean milliseconds from arrival to acknowledgement, as Nimbus counts; by component",
    "storm_uptime": "uptime of the topology's youngest worker, in seconds",
    "storm_restarts": "restarts of the topology's workers that the monitor has seen",
    "slots_free": "worker slots that no topology uses",
    "queue": "waiting tasks; by Celery's queue",
    "queue_age": "age of the oldest waiting task, in seconds; by Celery's queue",
    "unacked": "tasks that workers hold and have not finished",
    "outbox": "unfinished jobs of the outbox, without parked ones",
    "outbox_age": "age of the oldest of them, in seconds",
    "outbox_parked": "jobs that failed repeatedly by their own fault and are not retried; by task",
    "timeline_differences": "timelines that differed from the query, since the first check",
    "replica_lag": "seconds that a replica is behind the primary; by replica",
    "search_health": "state of Elasticsearch: 2 green, 1 yellow, 0 red",
    "search_unassigned": "shards without a node",
    "search_rejected": "requests that Elasticsearch rejected under load, since its start; by pool",
    "search_heap": "share of the heap in use; by node",
    "search_disk": "share of the disk in use; by node",
    "redis_memory": "bytes that a Redis node uses; by node",
    "redis_memory_share": "share of its memory limit that a Redis node uses; by node",
    "redis_up": "1 when a Redis node answers and its cluster is whole; by node",
    "disk_used": "share of the disk in use; by folder",
    "disk_free": "free bytes; by folder",
    "cpu": "share of the machine's processors that is busy",
    "load": "runnable processes per processor, over a minute",
    "memory_used": "share of the machine's memory that is not available",
    "restarts": "restarts of a program that the monitor has seen; by program",
    "running": "1 while the supervisor reports that a program runs; by program",
    "api_rate": "requests answered per second, over 30 s",
    "api_errors": "share of requests answered with 5xx, over 30 s",
    "api_latency": "mean seconds to an answer, over 30 s",
    "api_p99": "99th percentile of the seconds to an answer, over 30 s",
    "up": "1 when a server can do its work; by server",
    "answers": "1 when a source of these numbers answered; by source",
    "sample_seconds": "seconds that the sample took",
    "limited": "1 while scaling out would need another machine; by what to add",
    "pool": "processes of the Celery workers",
}
CUMULATIVE = frozenset({"dead_letters", "storm_acked", "storm_failed", "search_rejected", "restarts", "storm_restarts"})


@dataclass(frozen=True, slots=True)
class Sample:
    """`at`: ms since 1970. `down`: who did not answer, and why. `bottleneck`: the stage that others wait for."""

    at: int
    values: Mapping[str, float]
    down: Mapping[str, str] = field(default_factory=dict)
    bottleneck: str = ""

    def packed(self) -> bytes:
        """As JSON."""
        tree = {"at": self.at, "values": dict(self.values), "down": dict(self.down), "bottleneck": self.bottleneck}
        return orjson.dumps(tree)

    @classmethod
    def unpacked(cls, data: bytes) -> Sample:
        found: dict[str, Any] = orjson.loads(data)
        return cls(found["at"], found["values"], found["down"], found["bottleneck"])


def series(name: str, subject: str = "") -> str:
    """The series of a name, or of one of its subjects."""
    return f"{name}/{subject}" if subject else name


def split(name: str) -> tuple[str, str]:
    """Name and subject of a series."""
    found, _, subject = name.partition("/")
    return found, subject


def subjects(name: str, names: Iterable[str]) -> list[str]:
    """The subjects for which there is a series of that name; empty text for the one of the whole."""
    return [subject for found, subject in map(split, names) if found == name]
