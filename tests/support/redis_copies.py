"""Does a Redis Cluster keep what the project's own client writes, in every master and its replica?"""

from __future__ import annotations

from riverline.adapters.redis.cluster import RedisCluster
from riverline.adapters.redis.key_value import RedisKeyValue
from riverline.settings import Settings
from riverline_stack.servers import redis_servers
from tests.support.stack import until

KEPT = 50


def assert_writes_are_replicated(settings: Settings) -> None:
    """The cluster is empty before, and has three masters with a replica each."""
    cluster = RedisCluster(settings.redis, timeout=5)
    kept = RedisKeyValue(cluster)
    for number in range(KEPT):
        kept.put(f"kept-{number}", b"1", 60)
    assert len(cluster.masters()) == 3
    assert kept.get([f"kept-{number}" for number in range(KEPT)]) == [b"1"] * KEPT
    cluster.close()

    def copies() -> int:
        found = 0
        for address in settings.redis.nodes:
            with redis_servers.administering(settings, address) as client:
                found += int(client.dbsize())
        return found

    assert until(lambda: copies() == 2 * KEPT, 20), "the replicas do not hold what their masters hold"
