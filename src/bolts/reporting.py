"""Reports the state of a component of the topology."""

from __future__ import annotations

from riverline.adapters.redis.cluster import RedisCluster
from riverline.adapters.redis.stages import KEY, RedisStages
from riverline.pipeline.reporting import Reporter
from riverline.settings import Storm
from riverline.telemetry import Stage


def report(stage: Stage, redis: RedisCluster, storm: Storm) -> Reporter:
    """From now on, for as long as the process lives, among the states of the topology that `storm` names."""
    reporter = Reporter(stage, RedisStages(redis, storm.key(KEY)))
    reporter.start()
    return reporter
