"""The states of the topology's tasks in Redis Cluster: the hash `PIPELINE_STAGES`, a field `component/task` each."""

from __future__ import annotations

from riverline.adapters.redis.cluster import RedisCluster
from riverline.stages import StageState, fresh_states

KEY = "PIPELINE_STAGES"
KEPT_SECONDS = 3600  # after the last word of any task
REPLY_SECONDS = 1.0  # longer than where people wait: on a machine under load states are wanted most


class RedisStages:
    """Thread-safe. A node that is away costs its time-out once, then nothing for a while."""

    def __init__(self, cluster: RedisCluster) -> None:
        self._cluster = cluster

    def publish(self, state: StageState) -> None:
        put = ("HSET", KEY, f"{state.component}/{state.task}", state.packed())
        self._cluster.replies([(KEY, put), (KEY, ("EXPIRE", KEY, KEPT_SECONDS))], REPLY_SECONDS)

    def fresh(self, now_ms: int) -> list[StageState]:
        [fields] = self._cluster.replies([(KEY, ("HVALS", KEY))], REPLY_SECONDS)
        return fresh_states(fields, now_ms)

    def close(self) -> None:
        self._cluster.close()
