"""The composition root: Settings in, Services out. Nothing else builds a store."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from riverline.settings import Settings
from riverline.stores.bloom import SeenFilter
from riverline.stores.contracts import Index, PageLog
from riverline.stores.elastic import ElasticIndex
from riverline.stores.kafka_log import KafkaLog


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

    def seen(self, name: str) -> SeenFilter:
        """The seen-filter of that name on this machine. One process at a time may hold it."""
        wanted = self.settings.topology
        return SeenFilter(self.settings.state / "seen" / name, wanted.seen_capacity, wanted.seen_error_rate)


def assemble(settings: Settings) -> Services:
    """The real stores."""
    return Services(settings, ElasticIndex(settings.elasticsearch), KafkaLog(settings))
