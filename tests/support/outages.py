"""Servers that are away, frozen or full, each as a context of the settings: it begins with it and ends with it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from riverline.adapters.redis.cluster import RedisCluster
from riverline.settings import Settings
from riverline_stack.servers import servers
from riverline_stack.servers.replication import administering
from riverline_stack.supervision.lifecycle import reason
from tests.support.away import full_memory, silent, stopped
from tests.support.elastic import elastic
from tests.support.stack import awaited, until

MENDED = 120.0  # seconds in which a server is ready again
Choose = Callable[[Settings], list[str]]  # the programs that are concerned


@dataclass(frozen=True)
class Outage:
    """`away`: roles that nobody can do now; `shaken`: those that may be done or not, while others take over."""

    begin: Callable[[Settings], AbstractContextManager[None]]
    away: frozenset[str] = frozenset()
    shaken: frozenset[str] = frozenset()


def named(*names: str) -> Choose:
    return lambda settings: list(names)


def nodes(settings: Settings) -> list[str]:
    return [f"redis-{number}" for number, _ in enumerate(settings.redis.nodes, 1)]


def brokers(settings: Settings) -> list[str]:
    return [f"kafka-{number}" for number, _ in enumerate(settings.kafka.bootstrap, 1)]


def master(settings: Settings) -> list[str]:
    """The node that owns the first slots now."""
    cluster = RedisCluster(settings.redis)
    owner = awaited(lambda: (cluster.masters(fresh=True) or [None])[0], 60)
    cluster.close()
    return [f"redis-{settings.redis.nodes.index(owner.address) + 1}"]


def frozen(choose: Choose) -> Callable[[Settings], AbstractContextManager[None]]:
    """It takes connections and says nothing."""
    return _with(silent, choose)


def gone(choose: Choose) -> Callable[[Settings], AbstractContextManager[None]]:
    """Nothing listens where it was."""
    return _with(stopped, choose)


def _with(
    away: Callable[[Settings, Sequence[str]], AbstractContextManager[None]], choose: Choose
) -> Callable[[Settings], AbstractContextManager[None]]:
    @contextlib.contextmanager
    def outage(settings: Settings) -> Iterator[None]:
        names = choose(settings)
        with away(settings, names):
            yield
        mended(settings, names)

    return outage


def mended(settings: Settings, names: list[str]) -> None:
    concerned = [one for one in servers.programs(settings) if one.name in names]
    ready = [one.healthy or one.ready for one in concerned]
    assert until(lambda: all(reason(check) is None for check in ready), MENDED), f"{names} did not come back"


@contextlib.contextmanager
def read_only_index(settings: Settings) -> Iterator[None]:
    """What Elasticsearch does to its indices when the disk is nearly full."""

    def block(value: bool | None) -> None:
        with elastic(settings) as client:
            client.put("/_all/_settings", json={"index.blocks.read_only_allow_delete": value}).raise_for_status()

    block(True)
    try:
        yield
    finally:
        block(None)


@contextlib.contextmanager
def read_only_primary(settings: Settings) -> Iterator[None]:
    with administering(settings, settings.mysql.primary) as cursor:
        cursor.execute("SET GLOBAL read_only = 1")
    try:
        yield
    finally:
        with administering(settings, settings.mysql.primary) as cursor:
            cursor.execute("SET GLOBAL read_only = 0")


def full_redis(addresses: Callable[[Settings], tuple[str, ...]]) -> Callable[[Settings], AbstractContextManager[None]]:
    return lambda settings: full_memory(settings, addresses(settings))


def _all(*roles: str) -> frozenset[str]:
    return frozenset(roles)


BOTH = named("mysql-primary", "mysql-replica")
INDEX, PRIMARY, REPLICA = named("elasticsearch"), named("mysql-primary"), named("mysql-replica")
BROKER, QUEUE = named("kafka-2"), named("redis-celery")

ALL: dict[str, Outage] = {
    "Elasticsearch frozen": Outage(frozen(INDEX), _all("index")),
    "Elasticsearch away": Outage(gone(INDEX), _all("index")),
    "Elasticsearch read-only": Outage(read_only_index),
    "a Redis node frozen": Outage(frozen(master), shaken=_all("redis")),
    "a Redis node away": Outage(gone(master), shaken=_all("redis")),
    "Redis Cluster frozen": Outage(frozen(nodes), _all("redis")),
    "Redis Cluster away": Outage(gone(nodes), _all("redis")),
    "Redis Cluster full": Outage(full_redis(lambda settings: settings.redis.nodes), _all("redis writes")),
    "Celery's Redis frozen": Outage(frozen(QUEUE)),
    "Celery's Redis away": Outage(gone(QUEUE)),
    "Celery's Redis full": Outage(full_redis(lambda settings: (settings.celery.broker,))),
    "MySQL's primary frozen": Outage(frozen(PRIMARY), _all("primary")),
    "MySQL's primary away": Outage(gone(PRIMARY), _all("primary")),
    "MySQL's primary read-only": Outage(read_only_primary, _all("primary")),
    "MySQL's replica frozen": Outage(frozen(REPLICA)),
    "MySQL's replica away": Outage(gone(REPLICA)),
    "MySQL frozen": Outage(frozen(BOTH), _all("primary", "mysql")),
    "MySQL away": Outage(gone(BOTH), _all("primary", "mysql")),
    "a Kafka broker frozen": Outage(frozen(BROKER), shaken=_all("kafka")),
    "a Kafka broker away": Outage(gone(BROKER), shaken=_all("kafka")),
    "Kafka frozen": Outage(frozen(brokers), _all("kafka")),
    "Kafka away": Outage(gone(brokers), _all("kafka")),
}
SHORT = ("Elasticsearch frozen", "MySQL's primary frozen", "Redis Cluster away")
