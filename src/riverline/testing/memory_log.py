"""Kafka's in-memory twin, for tests of logic; the contract suite keeps it honest."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from riverline.errors import Invalid, Transient
from riverline.model import Origin, Page
from riverline.pipeline.contracts import TOPIC_NAME, TOPIC_PREFIX, Done, Failure, Raw, Record
from riverline.pipeline.records import Headers, failure_headers, page_to_record, record_of


def now_ms() -> int:
    return int(time.time() * 1000)


@dataclass(slots=True)
class MemoryRecord:
    """A record as a Kafka client would hand it over."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = field(default_factory=list)


class MemoryLog:
    """Kafka's twin: topics of one partition. Everything is acknowledged at once, in the caller's thread."""

    def __init__(
        self, limit: int = 5 << 20, clock: Callable[[], int] = now_ms, dead_letter: str = "dead-letter"
    ) -> None:
        self.limit, self.clock, self.dead_letter = limit, clock, dead_letter
        self.records: dict[str, list[MemoryRecord]] = {}
        self._committed: dict[tuple[str, int], int] = {}
        self._closed = False

    def append(self, topic: str, page: Page, done: Done | None = None) -> None:
        self._put(topic, *page_to_record(page), done)

    def bury(self, page: Page, failure: Failure, done: Done | None = None) -> None:
        key, value, headers = page_to_record(page)
        self._put(self.dead_letter, key, value, headers + failure_headers(failure), done)

    def bury_raw(self, record: Raw, failure: Failure, done: Done | None = None) -> None:
        headers = list(record.headers or ()) + failure_headers(failure)
        self._put(self.dead_letter, record.key, b"" if record.value is None else record.value, headers, done)

    def _put(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers, done: Done | None) -> None:
        if not TOPIC_NAME.match(topic):
            raise Invalid(f"{topic!r} is not a topic name")
        if self._closed:
            raise Transient("the log is closed")
        size = len(key or b"") + len(value or b"") + sum(len(text) for _, text in headers)
        error = Invalid(f"the record {key!r} is too large") if size > self.limit else None
        if error is None:
            records = self.records.setdefault(topic, [])
            records.append(MemoryRecord(topic, 0, len(records), self.clock(), key, value, headers))
        if done is not None:
            done(error)

    def commit(self, topic: str, partition: int, offset: int) -> None:
        """What the topology does: all before `offset` is done."""
        self._committed[topic, partition] = offset

    def flush(self, timeout: float = 30.0) -> None:
        """Nothing ever waits here."""

    def topics(self) -> list[str]:
        return sorted(topic for topic in self.records if topic.startswith(TOPIC_PREFIX))

    def ends(self, topics: Sequence[str]) -> Mapping[tuple[str, int], tuple[int, int]]:
        return {(topic, 0): (0, len(self.records[topic])) for topic in topics if topic in self.records}

    def committed(self, topics: Sequence[str]) -> Mapping[tuple[str, int], int]:
        return {place: offset for place, offset in self._committed.items() if place[0] in topics}

    def offsets_at(self, topics: Sequence[str], timestamp: int) -> Mapping[tuple[str, int], int]:
        return {
            (topic, 0): next(
                (r.offset for r in self.records[topic] if r.timestamp >= timestamp), len(self.records[topic])
            )
            for topic in topics
            if topic in self.records
        }

    def raw(self, topic: str, partition: int, start: int, stop: int) -> Iterator[Raw]:
        records = self.records.get(topic, []) if partition == 0 else []
        yield from records[max(start, 0) : max(stop, 0)]

    def records_at(self, origins: Collection[Origin]) -> Iterator[Raw]:
        for origin in origins:
            yield from self.raw(origin.topic, origin.partition, origin.offset, origin.offset + 1)

    def read(self, topic: str, partition: int, start: int, stop: int) -> Iterator[Record]:
        return map(record_of, self.raw(topic, partition, start, stop))

    def close(self) -> None:
        self._closed = True
