"""Reports the state of a component of the topology."""

from __future__ import annotations

from riverline.adapters.redis.cluster import RedisCluster
from riverline.adapters.redis.stages import RedisStages
from riverline.pipeline.reporting import Reporter
from riverline.telemetry import Stage


def report(stage: Stage, redis: RedisCluster) -> Reporter:
    """From now on, for as long as the process lives."""
    reporter = Reporter(stage, RedisStages(redis))
    reporter.start()
    return reporter
