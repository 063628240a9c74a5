"""The states of a topology's tasks in Redis Cluster: a hash with a field `component/task` each."""

from __future__ import annotations

from riverline.adapters.redis.cluster import RedisCluster
from riverline.stages import StageState, fresh_states

KEY = "PIPELINE_STAGES"
KEPT_SECONDS = 3600  # after the last word of any task
REPLY_SECONDS = 1.0  # longer than where people wait: on a machine under load states are wanted most


class RedisStages:
    """Thread-safe. A node that is away costs its time-out once, then nothing for a while."""

    def __init__(self, cluster: RedisCluster, key: str = KEY) -> None:
        self._cluster, self._key = cluster, key

    def publish(self, state: StageState) -> None:
        put = ("HSET", self._key, f"{state.component}/{state.task}", state.packed())
        self._cluster.replies([(self._key, put), (self._key, ("EXPIRE", self._key, KEPT_SECONDS))], REPLY_SECONDS)

    def fresh(self, now_ms: int) -> list[StageState]:
        [fields] = self._cluster.replies([(self._key, ("HVALS", self._key))], REPLY_SECONDS)
        return fresh_states(fields, now_ms)

    def close(self) -> None:
        self._cluster.close()
