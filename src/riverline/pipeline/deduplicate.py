"""Has this page been seen before, unchanged? A Bloom filter answers "new" at once; its "seen" is only a suspicion and
is confirmed by what the index holds, so that a false positive loses nothing. While a filter is not complete, anything
may have been seen."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

from riverline.errors import Transient
from riverline.newest import Newest
from riverline.pipeline.envelope import Envelope
from riverline.search.contracts import DocumentStore, PipelineIndex, Stored
from riverline.telemetry import Stage

Answer = TypeVar("Answer")
NOTHING = Stored("", "")  # of a URL that the index does not hold
UNDER_WAY = 20_000  # pages whose last record is remembered: more than can be between here and the index
PAUSE = 5.0  # seconds for which an index that gave no answer is not asked
SLICE = 500  # keys that are added to a new filter at once: some 20 ms,
PERIOD = 0.25  # and seconds between two such steps while pages come

log = logging.getLogger("riverline.deduplicate")


class Seen(Protocol):
    """Keys that were seen: see adapters/bloom.py."""

    @property
    def complete(self) -> bool: ...

    def __contains__(self, key: bytes) -> bool: ...

    def add(self, key: bytes) -> None: ...

    def mark_complete(self) -> None: ...


class MeasuredSeen(Seen, Protocol):
    """Keys that were seen, in a form that knows how full and how often wrong it is."""

    @property
    def keys(self) -> int: ...

    @property
    def living(self) -> int: ...

    @property
    def false_rate(self) -> float: ...


class Filling:
    """Fills a filter that is new from what the index holds, some keys at a time between pages: nobody waits for it.

    An outage begins it anew, and so does a restart; only when all was added the filter counts as complete.
    """

    def __init__(self, seen: Seen, index: DocumentStore, clock: Callable[[], float] = time.monotonic) -> None:
        self.seen, self.index, self.clock = seen, index, clock
        self._digests: Iterator[str] | None = None
        self._count = 0
        self._not_before = 0.0

    @property
    def done(self) -> bool:
        return self.seen.complete

    def go_on(self, idle: bool = False) -> None:
        """Adds the next keys, if it is time: while pages come, it takes a small share of it. Never raises."""
        if self.done or self.clock() < self._not_before:
            return
        try:
            self._digests = self._digests or iter(self.index.page_digests())
            some = list(islice(self._digests, SLICE))
        except Exception as error:
            log.warning("the seen-filter is not filled for %g s: %r", PAUSE, error)
            self._digests, self._count, self._not_before = None, 0, self.clock() + PAUSE
            return
        for key in map(bytes.fromhex, some):
            if key not in self.seen:
                self.seen.add(key)
        self._count += len(some)
        self._not_before = 0.0 if idle else self.clock() + PERIOD
        if len(some) < SLICE:
            self.seen.mark_complete()
            log.info("a new seen-filter, filled with %d keys from the index", self._count)


def watch_filter(telemetry: Stage, seen: MeasuredSeen) -> None:
    """Tells how full a filter is and how often it is wrong."""
    telemetry.watch("seen_keys", lambda: seen.keys)
    telemetry.watch("seen_generations", lambda: seen.living)
    telemetry.watch("seen_false_rate", lambda: seen.false_rate)


class Deduplicator:
    """The first of the two keys: the canonical URL with the digest of the body.

    A page that the index cannot be asked about passes: to write it once more changes nothing, and whether it may be
    written is for the end of the way to say. The index is then left alone for a while, so that one that does not answer
    holds up a page now and then, not each.
    """

    def __init__(
        self,
        seen: Seen,
        index: PipelineIndex,
        telemetry: Stage | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seen, self.index, self.clock = seen, index, clock
        self.telemetry = telemetry or Stage("deduplicate", 0)
        self._ask_from = 0.0
        self._under_way: Newest[str, str] = Newest(UNDER_WAY)

    def unchanged(self, url: str, page_digest: str, origin: str) -> bool:
        """Whether the index holds this very page from another record. The same record again (a replay) is no duplicate.

        `page_digest` is hexadecimal, of 16 bytes or more. Never raises for what happens at the index.
        """
        other = self._under_way.get(url) not in (None, page_digest)
        if not other and self._is_held(url, page_digest, origin):
            return True
        self.passes(url, page_digest)
        return False

    def passes(self, url: str, page_digest: str = "") -> None:
        """That a record goes on its way: what the index holds of its page now is not what it will hold, and says
        nothing of a record that comes after this one. Without a digest: of a page that is gone."""
        key = bytes.fromhex(page_digest)
        if key and key not in self.seen:
            self.seen.add(key)
        self._under_way.put(url, page_digest)

    def _is_held(self, url: str, page_digest: str, origin: str) -> bool:
        if bytes.fromhex(page_digest) not in self.seen and self.seen.complete:
            return False
        self.telemetry.count("suspicions")
        stored = self._asked(lambda: self.index.stored([url]).get(url, NOTHING))
        if stored is None:
            self.telemetry.count("unconfirmed")
            return False
        confirmed = stored.page_digest == page_digest
        self.telemetry.count("false_suspicions", not confirmed)
        return confirmed and stored.origin != origin

    def settled(self, delivery: Envelope) -> bool:
        """Whether a record that was sent before has its fate by now: a copy of it came through that Storm had taken for
        lost. Never raises for what happens at the index.

        A fate may be written before its document is (the index was busy): then the record is not finished. And a topic
        that was created again has records where others were: they have another timestamp, or another URL.
        """
        fate = self._asked(lambda: self.index.fate(delivery.origin, delivery.at))
        if fate is None or (fate.at, fate.url) != (delivery.at, delivery.key):
            return False
        if fate.outcome == "indexed":
            url = fate.of or fate.url
            stored = self._asked(lambda: self.index.stored([url]).get(url, NOTHING))
            if stored is None or stored.origin != delivery.origin:
                return False
        self.telemetry.count("settled")
        return True

    def _asked(self, question: Callable[[], Answer | None]) -> Answer | None:
        """What the index answers; None where it cannot be asked."""
        if self.clock() < self._ask_from:
            return None
        try:
            return question()
        except Exception as error:  # whatever it is, it is no verdict on the page
            log.warning("pages pass unconfirmed for %g s: %r", PAUSE, error, exc_info=not isinstance(error, Transient))
            self._ask_from = self.clock() + PAUSE
            return None
