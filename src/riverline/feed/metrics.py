"""Metrics of timelines."""

from __future__ import annotations

from prometheus_client import Counter

READS = Counter("riverline_timeline_reads", "Pages of timelines, by who answered", ["by"])  # redis, mysql
READ_FROM_REDIS, READ_FROM_MYSQL = READS.labels("redis"), READS.labels("mysql")
BUILDS = Counter("riverline_timeline_builds", "Lists built from MySQL, by how it ended", ["end"])  # built, lost
DROPPED = Counter("riverline_timeline_dropped", "Lists dropped because a write knew of a later change")
DIFFERENCES = Counter("riverline_timeline_differences", "Timelines that a check found different from the query")
