"""A backlog of pages in front of slow parsers, with the real spout, in simulated time.

The model of Storm: a tuple that is not answered is given up when its bucket is rotated out (an age of one to two
message timeouts), and answers that come later are nobody's. Bolts have a queue each, and hold what they were given
whether Storm waits for it or not.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from riverline.model import Page
from riverline.pipeline.envelope import Envelope
from riverline.pipeline.queue_age import QueueAge
from riverline.settings import Settings
from riverline.testing.memory_log import MemoryLog
from spouts.pages import PageSpout
from tests.support.storm import Log

TOPIC = "crawl.a.example"
POLL = 0.05  # seconds between two calls of next_tuple: enough for times that are seconds


class Clock:
    """Simulated seconds, and what is to happen when."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def monotonic(self) -> float:
        return self.now

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self.now + seconds, self._count, what))

    def run(self, until: Callable[[], bool], most: float) -> bool:
        """Lets time pass. Whether it came to it within so many seconds."""
        end = self.now + most
        while not until():
            if self._events[0][0] > end:
                return False
            self.now, _, what = heapq.heappop(self._events)
            what()
        return True


@dataclass
class Parser:
    """One task: a queue, and a clock of its own."""

    ages: QueueAge
    skew: float
    queue: deque[tuple[int, Envelope]] = field(default_factory=deque)
    idle_at: float = 0.0
    busy: bool = False


class Backlog:
    """`cost`: seconds that a page takes by its offset; `patience`: share of the message timeout after which a parser
    drops a copy."""

    def __init__(
        self, pages: int, cost: Callable[[int], float], settings: Settings, patch: Any, patience: float = 0.5
    ) -> None:
        self.clock, self.cost, self.patience = Clock(), cost, patience
        self.timeout = float(settings.topology.message_timeout)
        self.records = self._records(pages)
        self.parsed: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.fated: set[str] = set()
        self.away = False  # whether the index is
        self.held: list[tuple[int, str]] = []
        self.parsers = [
            Parser(QueueAge(2 * self.timeout), 7919.0 * (number + 1) - 5000.0)
            for number in range(settings.topology.parsers)
        ]
        self.pending: list[dict[int, str]] = [{}, {}]  # Storm's buckets, the younger first
        self.spout = self._spout(settings, patch)
        self._root = 0
        self._poll()
        self.clock.after(self.timeout, self._rotate)

    def run(self, most: float, until: Callable[[], bool] | None = None) -> bool:
        """Until all pages are finished as the spout sees it; False if that is not so after so many seconds."""
        return self.clock.run(until or self.is_done, most)

    def is_done(self) -> bool:
        return not self.records and not self.spout.tracker.in_flight and not self.spout.tracker.waiting

    def lose_queues(self) -> None:
        """A worker dies, with all that waits for its parsers; the spout's lives on."""
        for parser in self.parsers:
            parser.queue.clear()

    def comes_back(self) -> None:
        self.away = False
        held, self.held = self.held, []
        for root, origin in held:
            self._written(root, origin)

    def _records(self, pages: int) -> deque[tuple[int, Any]]:
        log = MemoryLog()
        for number in range(pages):
            url = f"http://a.example/{number}"
            log.append(TOPIC, Page(url, url, b"<p>a page"))
        return deque((1, record) for record in log.records[TOPIC])

    def _spout(self, settings: Settings, patch: Any) -> PageSpout:
        poller = SimpleNamespace(start=lambda: None, take=lambda: self.records.popleft() if self.records else None)
        patch.setattr("spouts.pages.Poller", lambda *given: poller)
        patch.setattr("spouts.pages.report", lambda *given: None)
        patch.setattr("spouts.pages.time", self.clock)
        spout = PageSpout(input_stream=BytesIO(), output_stream=BytesIO())
        spout.logger, spout.emit = Log(), self._emit
        spout.initialize(settings.for_storm(), {"taskid": "1", "task->component": {"1": "pages"}})
        spout.tracker.cap = len(self.records)
        spout.tracker.follow((TOPIC, 0), 0)
        return spout

    def _poll(self) -> None:
        self.spout.next_tuple()
        self.clock.after(POLL, self._poll)

    def _emit(self, values: list[Any], tup_id: str, **_: Any) -> None:
        delivery = Envelope.unpacked(values[0])
        self._root += 1
        self.pending[0][self._root] = tup_id
        self.sent[delivery.origin] += 1
        if delivery.redelivered and delivery.origin in self.fated and not self.away:
            return self._answer(self._root, self.spout.ack)
        if not self.cost(int(delivery.origin.rpartition("-")[2])):  # a duplicate, which no parser sees
            root, origin = self._root, delivery.origin
            return self.clock.after(0.05, lambda: self._written(root, origin))
        parser = self.parsers[self._root % len(self.parsers)]
        parser.queue.append((self._root, delivery))
        self._next(parser)
        return None

    def _next(self, parser: Parser) -> None:
        if parser.busy:
            return None
        while parser.queue:
            root, delivery = parser.queue.popleft()
            age = parser.ages.of(delivery.clock, delivery.sent_at, self.clock.now + parser.skew, parser.idle_at)
            if age <= self.patience * self.timeout:
                return self._parse(parser, root, delivery.origin)
            self._answer(root, self.spout.fail)
        parser.idle_at = self.clock.now + parser.skew
        return None

    def _parse(self, parser: Parser, root: int, origin: str) -> None:
        parser.busy = True
        self.clock.after(self.cost(int(origin.rpartition("-")[2])), lambda: self._parsed(parser, root, origin))

    def _parsed(self, parser: Parser, root: int, origin: str) -> None:
        self.parsed[origin] += 1
        parser.busy = False
        if self.away:
            self.held.append((root, origin))
        else:
            self.clock.after(0.05, lambda: self._written(root, origin))
        self._next(parser)

    def _written(self, root: int, origin: str) -> None:
        self.fated.add(origin)
        self._answer(root, self.spout.ack)

    def _answer(self, root: int, answer: Callable[[str], None]) -> None:
        """What a bolt says; nothing where Storm has given the tuple up."""
        ids = list(self._taken(root))
        self.clock.after(0.005, lambda: [answer(id) for id in ids] and None)

    def _taken(self, root: int) -> Iterator[str]:
        for bucket in self.pending:
            if root in bucket:
                yield bucket.pop(root)

    def _rotate(self) -> None:
        expired = self.pending.pop()
        self.pending.insert(0, {})
        for id in expired.values():
            self.spout.fail(id)
        self.clock.after(self.timeout, self._rotate)
