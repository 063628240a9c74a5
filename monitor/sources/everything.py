"""All sources, each with its pace."""

from __future__ import annotations

import urllib.request

from monitor.hands import PoolSource
from monitor.sampler import Source
from monitor.sources.api import ApiSource
from monitor.sources.celery import CelerySource
from monitor.sources.database import OutboxSource, ReplicaSource
from monitor.sources.log import LogSource
from monitor.sources.machine import MachineSource
from monitor.sources.programs import PASSWORD_FILE, ProgramsSource, supervisor
from monitor.sources.redis import RedisSource
from monitor.sources.search import SearchSource
from monitor.sources.servers import ServersSource
from monitor.sources.storm import NimbusSource, StagesSource
from monitor.sources.timelines import TimelinesSource
from riverline.assembly import Services
from riverline.health import Examination, checks_of
from riverline.settings import Settings
from riverline.stores.elastic.connection import Connection
from riverline.stores.heartbeat import Heartbeat
from riverline.stores.mysql import Mysql
from riverline.stores.redis_wire import Node

REDIS_SECONDS = 1.0  # for a reply
API_SECONDS = 3.0
API_BYTES = 8 << 20


def all_sources(services: Services) -> list[Source]:
    """Everything that is sampled. Nothing is connected before it is asked."""
    settings, every = services.settings, services.settings.monitor.every
    database = Heartbeat(settings, Mysql(settings))
    log = LogSource(services.log, settings.kafka.dead_letter, services.now_ms)
    api = ApiSource(lambda: _page(f"http://{settings.api.bind}/metrics"), services.now_ms)
    nimbus = NimbusSource(settings.storm.nimbus, settings.storm.topology, services.scratch)
    broker = Node(settings.celery.broker, REDIS_SECONDS)
    cluster = [Node(address, REDIS_SECONDS) for address in settings.redis.nodes]
    found = [
        Source("log", every, log.read),
        Source("stages", every, StagesSource(services.stages, services.now_ms).read),
        Source("nimbus", 2 * every, nimbus.read),
        Source("celery", every, CelerySource(broker, services.now_ms).read),
        Source("outbox", every, OutboxSource(database).read),
        Source("replicas", every, ReplicaSource(database).read),
        Source("search", 2 * every, SearchSource(Connection(settings.elasticsearch)).read),
        Source("redis", 2 * every, RedisSource(cluster, cluster=True).read),
        Source("celery-redis", 2 * every, RedisSource([Node(settings.celery.broker, REDIS_SECONDS)], False).read),
        Source("machine", every, MachineSource([settings.home, settings.state]).read),
        Source("servers", 3 * every, ServersSource(Examination(checks_of(settings))).read),
        Source("api", 3 * every, api.read),
        Source("pool", 6 * every, PoolSource(settings).read),
        Source("timelines", 6 * every, TimelinesSource(services.scratch).read),
    ]
    return [*found, *_programs(settings)]


def _programs(settings: Settings) -> list[Source]:
    """Where the local stack's supervisor is: elsewhere whoever starts the programs watches them."""
    if not (settings.home / "secrets" / PASSWORD_FILE).is_file():
        return []
    ask = supervisor(settings.stack.supervisor, settings.home)
    return [Source("programs", 2 * settings.monitor.every, ProgramsSource(ask).read)]


def _page(url: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=API_SECONDS) as answer:
        text: bytes = answer.read(API_BYTES)
    return text.decode()
