"""Kafka as the spout's poller sees it: brokers with topics of one partition, and a consumer of kafka-python's kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError
from kafka.structs import OffsetAndMetadata

from riverline.errors import Transient
from riverline.testing.memory_log import MemoryLog, MemoryRecord
from riverline.testing.outages import Condition, Server
from tests.simulation.clock import Clock


class Brokers(MemoryLog):
    """The log of all, which can lose a topic: for a while from its metadata, or for good with all that it holds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__(clock=self._stamp)
        self._now_ms, self._stamped = clock, 0
        self.hidden: set[str] = set()
        self.buried: dict[str, list[list[MemoryRecord]]] = {}  # what deleted topics held
        self.metadata: dict[str, str] = {}  # of the commits
        self.on_commit: list[Callable[[str, int, int], None]] = []

    def _stamp(self) -> int:
        """No two records have one time: which of a page's is the newest is told by it."""
        self._stamped = max(self._stamped + 1, self._now_ms())
        return self._stamped

    def delete_topic(self, topic: str) -> None:
        """With its records, and what any group had committed."""
        self.buried.setdefault(topic, []).append(self.records.pop(topic, []))
        self._committed.pop((topic, 0), None)
        self.metadata.pop(topic, None)

    def commit(self, topic: str, partition: int, offset: int, metadata: str = "") -> None:
        if topic in self.records:
            for tell in self.on_commit:
                tell(topic, partition, offset)
            super().commit(topic, partition, offset)
            self.metadata[topic] = metadata

    def topic_id(self, topic: str) -> str | None:
        """What tells a topic from another one that had its name."""
        there = topic in self.records and topic not in self.hidden
        return f"{topic} {len(self.buried.get(topic, ()))}" if there else None


class Changes:
    """`TopicChanges`: whether the brokers' metadata is another than at the last look."""

    def __init__(self, server: Server, brokers: Brokers) -> None:
        self._server, self._brokers = server, brokers
        self._known: object = None

    def look(self) -> bool:
        try:
            found = self._server.ask(lambda: [self._brokers.topic_id(topic) for topic in self._brokers.topics()])
        except Transient:
            self._known = None
            return True
        changed, self._known = found != self._known, found
        return changed

    def forget(self) -> None:
        self._known = None

    def close(self) -> None: ...


@dataclass
class Fetcher:
    """What a consumer fetches with; here it keeps no fetch waiting."""

    config: dict[str, int]


class Consumer:
    """Of one process. `KafkaConsumer`'s methods as far as the poller calls them."""

    def __init__(self, clock: Clock, server: Server, brokers: Brokers) -> None:
        self._clock, self._server, self._brokers = clock, server, brokers
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._fetcher = Fetcher({})

    def topics(self) -> set[str]:
        return self._ask(lambda: set(self._brokers.records) - self._brokers.hidden)

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return {0} if topic in self._brokers.records else None

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        kept = {one: self._positions[one] for one in partitions if one in self._positions}
        self._positions = {**dict.fromkeys(partitions, 0), **kept}
        self._paused &= set(self._positions)

    @property
    def _cluster(self) -> Brokers:
        return self._brokers

    def committed(self, partition: TopicPartition, metadata: bool = False) -> Any:
        place = (partition.topic, partition.partition)
        offset = self._ask(lambda: self._brokers.committed([partition.topic]).get(place))
        if offset is None or not metadata:
            return offset
        return OffsetAndMetadata(offset, self._brokers.metadata.get(partition.topic, ""), -1)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._positions[partition] = offset

    def seek_to_beginning(self, partition: TopicPartition) -> None:
        self._positions[partition] = 0

    def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    def pause(self, *partitions: TopicPartition) -> None:
        self._paused |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self._paused -= set(partitions)

    def paused(self) -> set[TopicPartition]:
        return set(self._paused)

    def assignment(self) -> set[TopicPartition]:
        return set(self._positions)

    def poll(self, timeout_ms: int = 0, max_records: int = 500, **_: Any) -> dict[TopicPartition, list[MemoryRecord]]:
        """What there is; after the timeout, nothing. A consumer that reaches no broker gives nothing, too."""
        found = self._fetched(max_records)
        if not found:
            self._clock.sleep(timeout_ms / 1000)
            found = self._fetched(max_records)
        return found

    def _fetched(self, most: int) -> dict[TopicPartition, list[MemoryRecord]]:
        if self._server.condition in (Condition.REFUSED, Condition.SILENT):
            return {}
        found: dict[TopicPartition, list[MemoryRecord]] = {}
        for place in sorted(set(self._positions) - self._paused):
            records = self._brokers.records.get(place.topic, [])
            if self._positions[place] > len(records):
                self._positions[place] = 0  # out of range: `auto_offset_reset`
            batch = records[self._positions[place] :][:most]
            if batch:
                found[place] = list(batch)
                self._positions[place] += len(batch)
                most -= len(batch)
        return found

    def commit(self, offsets: Mapping[TopicPartition, Any], **_: Any) -> None:
        for place, at in offsets.items():
            self._ask(lambda p=place, a=at: self._brokers.commit(p.topic, p.partition, a.offset, a.metadata))

    def end_offsets(self, partitions: Iterable[TopicPartition], **_: Any) -> dict[TopicPartition, int]:
        ends = {one: len(self._brokers.records.get(one.topic, ())) for one in partitions}
        return self._ask(lambda: ends)

    def beginning_offsets(self, partitions: Iterable[TopicPartition], **_: Any) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    def close(self, **_: Any) -> None: ...

    def _ask(self, work: Callable[[], Any]) -> Any:
        try:
            return self._server.ask(work)
        except Transient as error:
            raise KafkaTimeoutError(str(error)) from error
