"""The composition root: Settings in, Services out. Nothing else builds a store."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from riverline.access.tokens import Tokens
from riverline.crawling.ports import Targets
from riverline.monitoring.incidents import Incidents
from riverline.settings import Settings
from riverline.stores.bloom import SeenFilter
from riverline.stores.contracts import Clicks, Index, PageLog, Scratch, Stages
from riverline.stores.elastic import ElasticIndex
from riverline.stores.kafka_log import KafkaLog
from riverline.stores.lexicon import Lexicon
from riverline.stores.result_cache import ResultCache
from riverline.timeline.feed import Feed


def now_ms() -> int:
    """The time of the machine, in ms since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Services:
    """What the programs work with. Every store connects when it is first used."""

    settings: Settings
    index: Index
    log: PageLog
    now_ms: Callable[[], int] = now_ms
    make_feed: Callable[[], Feed] | None = None
    make_targets: Callable[[], Targets] | None = None
    make_tokens: Callable[[], Tokens] | None = None
    make_scratch: Callable[[], Scratch] | None = None
    make_clicks: Callable[[], Clicks] | None = None
    make_incidents: Callable[[], Incidents] | None = None
    make_stages: Callable[[], Stages] | None = None

    @cached_property
    def feed(self) -> Feed:
        """Users, posts and timelines."""
        return self.make_feed() if self.make_feed else _feed(self.settings)

    @cached_property
    def targets(self) -> Targets:
        """What is to be crawled."""
        return self.make_targets() if self.make_targets else _targets(self.settings)

    @cached_property
    def tokens(self) -> Tokens:
        """Who may do what."""
        return self.make_tokens() if self.make_tokens else _tokens(self.settings)

    @cached_property
    def scratch(self) -> Scratch:
        """Small things that may be forgotten."""
        return self.make_scratch() if self.make_scratch else _scratch(self.settings)

    @cached_property
    def clicks(self) -> Clicks:
        """Clicks on results."""
        return self.make_clicks() if self.make_clicks else _clicks(self.settings)

    @cached_property
    def incidents(self) -> Incidents:
        """What the monitor found, and did about it."""
        return self.make_incidents() if self.make_incidents else _incidents(self.settings)

    @cached_property
    def stages(self) -> Stages:
        """What the topology's tasks say of themselves."""
        return self.make_stages() if self.make_stages else _stages(self.settings)

    @cached_property
    def results(self) -> ResultCache:
        """Searches, some of them answered from what was kept."""
        return ResultCache(self.index, self.scratch, self.now_ms)

    def seen(self, name: str) -> SeenFilter:
        """The seen-filter of that name on this machine. One process at a time may hold it."""
        wanted = self.settings.topology
        return SeenFilter(self.settings.state / "seen" / name, wanted.seen_capacity, wanted.seen_error_rate)


def assemble(settings: Settings) -> Services:
    """The real stores."""
    return Services(
        settings, ElasticIndex(settings.elasticsearch, lexicon=Lexicon(settings.search)), KafkaLog(settings)
    )


def _feed(settings: Settings) -> Feed:
    # Imported here: Storm's workers assemble services too, and have no client for MySQL.
    from riverline.stores.feed import open_feed

    return open_feed(settings)


def _targets(settings: Settings) -> Targets:
    from riverline.stores.mysql import Mysql
    from riverline.stores.targets import MysqlTargets

    return MysqlTargets(Mysql(settings))


def _tokens(settings: Settings) -> Tokens:
    from riverline.stores.mysql import Mysql
    from riverline.stores.tokens import MysqlTokens

    return MysqlTokens(Mysql(settings))


def _scratch(settings: Settings) -> Scratch:
    from riverline.stores.redis_cluster import RedisCluster
    from riverline.stores.redis_scratch import RedisScratch

    return RedisScratch(RedisCluster(settings.redis.nodes))


def _clicks(settings: Settings) -> Clicks:
    from riverline.stores.clicks import MysqlClicks
    from riverline.stores.mysql import Mysql

    return MysqlClicks(Mysql(settings))


def _incidents(settings: Settings) -> Incidents:
    from riverline.stores.incidents import MysqlIncidents
    from riverline.stores.mysql import Mysql

    return MysqlIncidents(Mysql(settings))


def _stages(settings: Settings) -> Stages:
    from riverline.stores.redis_stages import open_stages

    return open_stages(settings)
