"""All operations on timelines, over one repository and one cache."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from riverline.feed.consistency import ConsistencyCheck
from riverline.feed.contracts import Cache, FeedRepository, Searchable, Send
from riverline.feed.jobs import JobRunner
from riverline.feed.reader import FeedReader
from riverline.feed.window import MOST_ENTRIES
from riverline.feed.writer import FeedWriter


@dataclass(frozen=True)
class Feed:
    """What reads, changes, delivers and checks. Thread-safe if its stores are."""

    repository: FeedRepository
    cache: Cache
    most: int = MOST_ENTRIES
    sleep: Callable[[float], None] = time.sleep

    @cached_property
    def reader(self) -> FeedReader:
        return FeedReader(self.repository, self.cache, self.sleep, self.most)

    @cached_property
    def checker(self) -> ConsistencyCheck:
        return ConsistencyCheck(self.repository, self.cache, self.reader, self.sleep)

    def writer(self, send: Send) -> FeedWriter:
        return FeedWriter(self.repository, self.cache, send)

    def delivery(self, index: Searchable, send: Send) -> JobRunner:
        return JobRunner(self.repository, self.cache, index, send)
