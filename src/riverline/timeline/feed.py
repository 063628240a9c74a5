"""All of the timelines around one ledger and one cache."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from riverline.timeline.checking import Checker
from riverline.timeline.delivery import Delivery
from riverline.timeline.ports import Cache, Ledger, Searchable, Send
from riverline.timeline.reading import Reader
from riverline.timeline.window import MOST_ENTRIES
from riverline.timeline.writing import Writer


@dataclass(frozen=True)
class Feed:
    """What reads, changes, delivers and checks. Thread-safe if its stores are."""

    ledger: Ledger
    cache: Cache
    most: int = MOST_ENTRIES
    sleep: Callable[[float], None] = time.sleep

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.ledger, self.cache, self.sleep, self.most)

    @cached_property
    def checker(self) -> Checker:
        return Checker(self.ledger, self.cache, self.reader, self.sleep)

    def writer(self, send: Send) -> Writer:
        return Writer(self.ledger, self.cache, send)

    def delivery(self, index: Searchable, send: Send) -> Delivery:
        return Delivery(self.ledger, self.cache, index, send)
