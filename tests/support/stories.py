"""A load of pages with a past: new ones, the same again, changed, moved, gone, and some that nobody can read.

It appends to Kafka as the crawler does, and knows what the index must hold in the end.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from riverline.adapters.kafka.log import KafkaLog
from riverline.errors import Transient
from riverline.model import Page
from riverline.parsing.fingerprint import page_digest
from riverline.pipeline.contracts import topic_of
from riverline.pipeline.records import failure_of
from riverline.search.contracts import FateQuery
from riverline.services import Services
from tests.support.load import page

KINDS = {"new": 50, "again": 15, "changed": 15, "moved": 8, "gone": 8, "unreadable": 4}  # weights
SLICE = 500  # URLs of one look-up


class PageStories(threading.Thread):
    """So many pages a second until it is told to stop. Of one URL every later record is the newer one."""

    def __init__(self, log: KafkaLog, name: str, rate: float, sites: int = 4) -> None:
        super().__init__(name="stories", daemon=True)
        self.log, self.rate, self.chance = log, rate, random.Random(name)
        self.hosts = [f"{name}-{site}.chaos.example" for site in range(sites)]
        self.standing: dict[str, Page] = {}  # what the index must hold, by URL
        self.gone: set[str] = set()
        self.unreadable: set[str] = set()
        self.kinds: Counter[str] = Counter()
        self.acknowledged = 0
        self.given_up: list[Exception] = []
        self._number, self._last = 0, 0
        self._stopped = threading.Event()

    @property
    def topics(self) -> list[str]:
        return [topic_of(host) for host in self.hosts]

    def run(self) -> None:
        count, began = 0, time.monotonic()
        while not self._stopped.is_set():
            for made in self._next():
                self._append(made)
                count += 1
            self._stopped.wait(max(0.0, began + count / self.rate - time.monotonic()))

    def _next(self) -> Iterator[Page]:
        kind = self.chance.choices(list(KINDS), list(KINDS.values()))[0] if len(self.standing) >= 20 else "new"
        self.kinds[kind] += 1
        if kind == "new":
            yield self._put(self._fresh())
        elif kind == "unreadable":
            broken = replace(self._fresh(), body=b"%PDF-1.7 nothing else", content_type="application/pdf")
            self.unreadable.add(broken.key)
            yield broken
        else:
            yield from getattr(self, f"_{kind}")(self.standing[self.chance.choice(list(self.standing))])

    def _again(self, old: Page) -> Iterator[Page]:
        yield self._put(replace(old, fetched_at=self._now()))

    def _changed(self, old: Page) -> Iterator[Page]:
        yield self._put(replace(self._fresh(), url=old.url, key=old.key))

    def _gone(self, old: Page) -> Iterator[Page]:
        del self.standing[old.key]
        self.gone.add(old.key)
        yield replace(old, status=410, body=b"", fetched_at=self._now())

    def _moved(self, old: Page) -> Iterator[Page]:
        """The same text at another address of the same host: which of the two records is met first is open."""
        self._number += 1
        url = f"{old.url}/moved-{self._number}"
        yield from self._gone(old)
        yield self._put(replace(old, url=url, key=url, fetched_at=self._now()))

    def _put(self, made: Page) -> Page:
        self.standing[made.key] = made
        return made

    def _fresh(self) -> Page:
        self._number += 1
        return replace(page(self.hosts[self._number % len(self.hosts)], self._number), fetched_at=self._now())

    def _now(self) -> int:
        """Milliseconds, and later than any before: the crawler never fetches a page twice in one."""
        self._last = max(time.time_ns() // 1_000_000, self._last + 1)
        return self._last

    def _append(self, made: Page) -> None:
        def done(error: Exception | None) -> None:
            if error:
                self.given_up.append(error)
            else:
                self.acknowledged += 1

        self.log.append(topic_of(made.key.split("/")[2]), made, done)

    def end(self, seconds: float = 240) -> None:
        """Stops, and waits until the brokers have all that was appended."""
        self._stopped.set()
        self.join()
        self.log.flush(seconds)


@dataclass
class StoriesAccount:
    """What the index and the dead letters hold that they should not, and what they lack. All empty is right."""

    lost: list[str] = field(default_factory=list)
    old: list[str] = field(default_factory=list)  # an earlier form of the page
    undead: list[str] = field(default_factory=list)  # pages that are gone, and still there
    dead: list[str] = field(default_factory=list)  # readable pages among the dead letters
    twice: list[str] = field(default_factory=list)  # records with two fates, or two letters

    @property
    def right(self) -> bool:
        return not (self.lost or self.old or self.undead or self.dead or self.twice)

    @classmethod
    def of(cls, load: PageStories, services: Services) -> StoriesAccount:
        """Raises Transient while a server is away."""
        made = cls()
        made._documents(load, services)
        made._fates(load, services)
        made._letters(load, services)
        return made

    def _documents(self, load: PageStories, services: Services) -> None:
        urls = [*load.standing, *load.gone]
        held = {}
        for at in range(0, len(urls), SLICE):
            held |= services.index.stored(urls[at : at + SLICE])
        wanted = {url: page_digest(url, page.body) for url, page in load.standing.items()}
        self.lost = [url for url in wanted if url not in held]
        self.old = [url for url, digest in wanted.items() if url in held and held[url].page_digest != digest]
        self.undead = [url for url in load.gone if url in held]

    def _fates(self, load: PageStories, services: Services) -> None:
        for topic in load.topics:
            origins: Counter[str] = Counter()
            query = FateQuery(topic=topic, limit=SLICE)
            while True:
                found = services.index.fates(query)
                origins.update(fate.origin for fate in found.items)
                self.dead += [
                    f"{fate.origin} {fate.name} {fate.error}"
                    for fate in found.items
                    if fate.outcome == "dead" and fate.url not in load.unreadable
                ]
                if found.next is None:
                    break
                query = replace(query, after=found.next)
            self.twice += [origin for origin, count in origins.items() if count > 1]

    def _letters(self, load: PageStories, services: Services) -> None:
        topic = services.settings.kafka.dead_letter
        letters: Counter[str] = Counter()
        for (_, partition), (first, end) in services.log.ends([topic]).items():
            for record in services.log.raw(topic, partition, first, end):
                origin = failure_of(record).origin
                if origin.topic in load.topics:
                    letters[str(origin)] += 1
        self.twice += [f"{origin}: {count} letters" for origin, count in letters.items() if count > 1]
        if len(letters) < len(load.unreadable):
            self.lost.append(f"{len(load.unreadable) - len(letters)} dead letters")


def settled(load: PageStories, services: Services, seconds: float) -> tuple[StoriesAccount, float]:
    """The account once it is right, or as it stands at the end of the patience, and when it was begun to be read."""
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        try:
            account = StoriesAccount.of(load, services)
            if account.right or began > deadline:
                return account, began
        except Transient:
            if began > deadline:
                raise
        time.sleep(1.5)  # between two looks
