"""What tasks of the topology say of themselves: the same suite for the Redis Cluster and for its in-memory twin."""

import pytest

from riverline.errors import Transient
from riverline.settings import Redis
from riverline.stages import FRESH_MS
from riverline.telemetry import Stage
from riverline.testing.memory_stages import MemoryStages

NOW = 4_000_000_000_000  # later than what a running topology says: that is not fresh then


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.integration)])
def stages(request):
    if request.param == "memory":
        return MemoryStages()
    from riverline.adapters.redis.cluster import RedisCluster
    from riverline.adapters.redis.stages import RedisStages

    made = RedisStages(RedisCluster(request.getfixturevalue("stack").redis))
    request.addfinalizer(made.close)
    return made


def test_the_last_word_of_each_task_is_told(stages):
    first, second = Stage("parse", 9001), Stage("parse", 9002)
    stages.publish(first.state(NOW))
    first.count("in", 3)
    words = first.state(NOW + 5000), second.state(NOW + 5001)
    for word in words:
        stages.publish(word)
    assert sorted(stages.fresh(NOW + 6000), key=lambda state: state.task) == list(words)


def test_a_task_that_says_nothing_any_more_is_not_told(stages):
    stages.publish(Stage("tag", 9003).state(NOW - FRESH_MS))
    stages.publish(Stage("tag", 9004).state(NOW - FRESH_MS - 1))
    assert [state.task for state in stages.fresh(NOW) if state.component == "tag"] == [9003]


@pytest.mark.integration
def test_another_topology_has_states_of_its_own(stack):
    from riverline.adapters.redis.cluster import RedisCluster
    from riverline.adapters.redis.stages import RedisStages

    first, second = RedisStages(RedisCluster(stack.redis)), RedisStages(RedisCluster(stack.redis), "STAGES_second")
    second.publish(Stage("parse", 9101).state(NOW))
    assert [state.task for state in second.fresh(NOW)] == [9101]
    assert 9101 not in [state.task for state in first.fresh(NOW)]
    first.close()
    second.close()


def test_states_of_a_redis_that_is_away_cannot_be_had_nor_published():
    from riverline.adapters.redis.cluster import RedisCluster
    from riverline.adapters.redis.stages import RedisStages

    away = RedisStages(RedisCluster(Redis(nodes=("127.0.0.1:1",))))
    with pytest.raises(Transient):
        away.publish(Stage("tag", 1).state(NOW))
    with pytest.raises(Transient):
        away.fresh(NOW)
