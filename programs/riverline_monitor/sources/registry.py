"""All sources, each with its interval."""

from __future__ import annotations

import urllib.request
from functools import partial

from riverline.adapters import program_states
from riverline.adapters.mysql.monitor_probe import MonitorProbe
from riverline.adapters.redis.connection import Node
from riverline.health import Examination, checks_of
from riverline.services import Services
from riverline.settings import Settings
from riverline_monitor.actuators import PoolSource
from riverline_monitor.sampler import Source
from riverline_monitor.sources.api import ApiSource
from riverline_monitor.sources.celery import CelerySource
from riverline_monitor.sources.database import OutboxSource, ReplicaSource
from riverline_monitor.sources.dead_letters import LettersSource
from riverline_monitor.sources.log import LogSource, read_by
from riverline_monitor.sources.machine import MachineSource
from riverline_monitor.sources.programs import ProgramsSource
from riverline_monitor.sources.redis import RedisSource
from riverline_monitor.sources.search import SearchSource
from riverline_monitor.sources.servers import ServersSource
from riverline_monitor.sources.storm import NimbusSource, StagesSource
from riverline_monitor.sources.timelines import TimelinesSource

REDIS_SECONDS = 1.0  # for a reply
API_SECONDS = 3.0
API_BYTES = 8 << 20


def all_sources(services: Services) -> list[Source]:
    """Everything that is sampled. Nothing is connected before it is asked."""
    settings, every = services.settings, services.settings.monitor.every
    database = MonitorProbe(settings, services.mysql)
    log = LogSource(
        services.log,
        settings.kafka.dead_letter,
        services.now_ms,
        lambda: read_by(services.stages.fresh(services.now_ms())),
    )
    api = ApiSource(lambda: _page(f"http://{settings.api.bind}/metrics"), services.now_ms)
    nimbus = NimbusSource(settings.storm, services.key_value)
    broker = Node(settings.celery.broker, REDIS_SECONDS, server=settings.celery)
    cluster = [Node(address, REDIS_SECONDS, server=settings.redis) for address in settings.redis.nodes]
    found = [
        Source("log", every, log.read),
        Source("letters", 6 * every, LettersSource(services.dead_letters).read),
        Source("stages", every, StagesSource(services.stages, services.now_ms).read),
        Source("nimbus", 2 * every, nimbus.read),
        Source("celery", every, CelerySource(broker, services.now_ms).read),
        Source("outbox", every, OutboxSource(database).read),
        Source("replicas", every, ReplicaSource(database).read),
        Source("search", 2 * every, SearchSource(services.elasticsearch).read),
        Source("redis", 2 * every, RedisSource(cluster, cluster=True).read),
        Source("celery-redis", 2 * every, RedisSource([broker], False).read),
        Source("machine", every, _machine(settings).read),
        Source("servers", 3 * every, ServersSource(Examination(checks_of(settings, services.elasticsearch))).read),
        Source("api", 3 * every, api.read),
        Source("pool", 12 * every, PoolSource(settings).read),  # it changes by a step of the autoscaler, each 2 min
        Source("timelines", 6 * every, TimelinesSource(services.key_value).read),
    ]
    return [*found, *_programs(settings)]


def _machine(settings: Settings) -> MachineSource:
    """The disk of the home is asked for at the monitor's own folder: it may see nothing else of the home."""
    own = settings.home / "monitor"
    return MachineSource({settings.home: own if own.exists() else settings.home, settings.state: settings.state})


def _programs(settings: Settings) -> list[Source]:
    """Where the local stack's watch tells of them: elsewhere, systemd or a container runtime watches the programs."""
    if not program_states.folder(settings.home).exists():
        return []
    read = ProgramsSource(partial(program_states.read, settings.home)).read
    return [Source("programs", 2 * settings.monitor.every, read)]


def _page(url: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=API_SECONDS) as answer:
        text: bytes = answer.read(API_BYTES)
    return text.decode()
