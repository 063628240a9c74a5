"""Reads the crawl topics in a thread of its own, so that the spout never waits for Kafka.

The partitions are dealt out among the spout's tasks by a hash, without Kafka's group protocol, as Storm's own Kafka
spout does it: the number of tasks is fixed while a topology lives, a task that died starts at once where it had
committed, and a new topic disturbs nobody. Offsets are committed under the group's name all the same, for everyone to
see.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from zlib import crc32

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from riverline.content.offsets import Ledger, Place
from riverline.settings import Kafka
from riverline.stores.contracts import TOPIC_PREFIX
from riverline.telemetry import Stage

log = logging.getLogger("riverline.spout")

ROOM = 8 << 20  # bytes that wait to be emitted before no more are fetched
DISCOVERY = 2.0  # seconds between two looks for new topics and foreign commits
COMMIT = 1.0  # seconds between two commits
LAG = 5.0  # seconds between two looks at how much there is to do,
LAG_TIMEOUT_MS = 1000  # and how long one may take: reading waits meanwhile


def owner(place: Place, tasks: int) -> int:
    """Which of so many tasks reads a partition."""
    return crc32(f"{place[0]}-{place[1]}".encode()) % tasks


class Poller(threading.Thread):
    """Fills `records`; commits what the ledger says. `lock` guards the ledger, which the spout's thread uses too."""

    def __init__(
        self, kafka: Kafka, ledger: Ledger[Any], lock: threading.Lock, telemetry: Stage, index: int, tasks: int
    ) -> None:
        super().__init__(name="poller", daemon=True)
        self.kafka, self.ledger, self.lock, self.index, self.tasks = kafka, ledger, lock, index, tasks
        self.telemetry = telemetry
        self.records: deque[Any] = deque()
        self.room = threading.Condition()
        self.waiting_bytes = 0
        self._mine: set[TopicPartition] = set()
        self._paused: set[TopicPartition] = set()
        self._discovery, self._commit, self._lag = Every(DISCOVERY), Every(COMMIT), Every(LAG)

    def run(self) -> None:
        """Never ends: whatever Kafka's trouble is, a new consumer starts where the ledger stands."""
        pause = 0.5
        while True:
            try:
                self._consume()
            except Exception:
                self.telemetry.count("polling_errors")
                log.exception("reading from Kafka failed; again in %.1f s", pause)
                time.sleep(pause)
                pause = min(pause * 2, 10.0)

    def take(self) -> Any | None:
        """The next record, or None. For the spout's thread."""
        if not self.records:
            return None
        record = self.records.popleft()
        with self.room:
            self.waiting_bytes -= len(record.value or b"")
            if self.waiting_bytes < ROOM // 2:
                self.room.notify()
        return record

    def _consume(self) -> None:
        consumer = KafkaConsumer(
            bootstrap_servers=list(self.kafka.bootstrap),
            group_id=self.kafka.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            metadata_max_age_ms=int(DISCOVERY * 1000),
            fetch_max_bytes=ROOM,
            max_poll_records=500,
        )
        self._mine, self._paused = set(), set()
        self._discovery.reset()
        self._lag.reset()
        try:
            while True:
                self._turn(consumer)
        finally:
            consumer.close(autocommit=False, timeout_ms=2000)

    def _turn(self, consumer: KafkaConsumer) -> None:
        if self._discovery.due():
            self._discover(consumer)
        if self._commit.due():
            self._commit_done(consumer)
            self._hold_full(consumer)
        if self._lag.due():
            self._tell_lag(consumer)
        if not self._mine:
            time.sleep(0.2)
        elif self._has_room():
            self._put(consumer.poll(timeout_ms=int(COMMIT * 1000)))

    def _has_room(self) -> bool:
        with self.room:
            return self.room.wait_for(lambda: self.waiting_bytes < ROOM, timeout=COMMIT)

    def _put(self, batches: dict[Any, list[Any]]) -> None:
        for batch in batches.values():
            size = sum(len(record.value or b"") for record in batch)
            with self.room:
                self.waiting_bytes += size
            self.records.extend(batch)

    def _discover(self, consumer: KafkaConsumer) -> None:
        """Takes up partitions of topics that are new, and positions that somebody else has committed."""
        topics = sorted(topic for topic in consumer.topics() if topic.startswith(TOPIC_PREFIX))
        places = [(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic) or ()]
        mine = {TopicPartition(*place) for place in places if owner(place, self.tasks) == self.index}
        if mine == self._mine:
            return
        new = mine - self._mine
        consumer.assign(sorted(mine))
        for partition in new:
            self._start(consumer, partition)
        with self.lock:
            for gone in self._mine - mine:
                self.ledger.forget((gone.topic, gone.partition))
        self._mine = mine
        log.info("reading %d partitions, %d of them new", len(mine), len(new))

    def _start(self, consumer: KafkaConsumer, partition: TopicPartition) -> None:
        """Where a partition is read from: where it was committed, else its beginning; after trouble with Kafka, behind
        what is in flight already."""
        place = (partition.topic, partition.partition)
        committed = consumer.committed(partition)
        with self.lock:
            self.ledger.follow(place, committed if committed is not None else 0)
            position = self.ledger.next(place)
        if position > 0:
            consumer.seek(partition, position)
        else:
            consumer.seek_to_beginning(partition)

    def _commit_done(self, consumer: KafkaConsumer) -> None:
        with self.lock:
            positions = self.ledger.committable()
        if not positions:
            return
        offsets = {TopicPartition(*place): OffsetAndMetadata(at, "", -1) for place, at in positions.items()}
        try:
            consumer.commit(offsets)
        except KafkaError as error:
            self.telemetry.count("polling_errors")
            log.warning("a commit failed and is tried again: %r", error)
            return
        self.telemetry.count("commits")
        with self.lock:
            self.ledger.committed(positions)

    def _hold_full(self, consumer: KafkaConsumer) -> None:
        """Stops reading partitions that hold their cap of records, and goes on with those that do not any more."""
        with self.lock:
            full = {p for p in self._mine if self.ledger.full((p.topic, p.partition))}
        consumer.pause(*(full - self._paused))
        consumer.resume(*((self._paused & self._mine) - full))
        self._paused = full
        self.telemetry.set("partitions", len(self._mine))
        self.telemetry.set("full_partitions", len(full))

    def _tell_lag(self, consumer: KafkaConsumer) -> None:
        """Asked of the brokers: of a partition that is held nothing is fetched, and its end moves on."""
        try:
            ends = consumer.end_offsets(self._mine, timeout_ms=LAG_TIMEOUT_MS) if self._mine else {}
        except Exception as error:  # the client's own faults too: what is told must not stop what is done
            log.info("the lag is not known now: %r", error)
            return
        with self.lock:
            lag = sum(max(end - self.ledger.position((p.topic, p.partition)), 0) for p, end in ends.items())
        self.telemetry.set("lag", lag)


class Every:
    """Says once in so many seconds that it is time."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock, self._next = seconds, clock, 0.0

    def due(self) -> bool:
        if self.clock() < self._next:
            return False
        self._next = self.clock() + self.seconds
        return True

    def reset(self) -> None:
        self._next = 0.0
