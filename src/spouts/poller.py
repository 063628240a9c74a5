"""Reads the crawl topics in a thread of its own, so that the spout never waits for Kafka.

Partitions are assigned to the spout's tasks by a hash, without Kafka's group protocol, as in Storm's own Kafka spout:
the number of tasks is fixed while a topology lives, a restarted task continues from its last commit, and a new topic
disturbs no task. Offsets are still committed under the group's name, where tools see them, each with the id of its
topic: a topic that was deleted and created again has another id, and is read from its beginning.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from riverline.adapters.kafka.access import client_options
from riverline.adapters.kafka.topic_changes import TopicChanges
from riverline.pipeline.contracts import TOPIC_PREFIX
from riverline.pipeline.offset_tracker import OffsetTracker, Place
from riverline.settings import Kafka
from riverline.telemetry import Stage

log = logging.getLogger("riverline.spout")

ROOM = 8 << 20  # bytes that wait to be emitted before no more are fetched
DISCOVERY = 2.0  # seconds between two looks for new topics,
METADATA = 60.0  # and between two that take apart all that the brokers tell
FETCH_WAIT = 2.5  # seconds that a broker may keep a fetch that finds nothing: what is new is answered at once. A
LONGEST_WAIT = 10.0  # commit may wait behind it. The client looks at each partition at each fetch: of thousands, so
PER_PARTITION = 0.004  # many seconds for each; and between two looks for new topics half of it
COMMIT = 1.0  # seconds between two commits
LAG = 5.0  # seconds between two looks at how much there is to do,
LAG_TIMEOUT = 1.0  # and how long one may take, beyond the fetch that a broker may keep before it
PAUSE, LONGEST_PAUSE = 0.5, 10.0  # seconds until the next consumer: doubled until one has worked for the longest


def fetch_wait(partitions: int) -> float:
    """Seconds that a broker may keep a fetch, for a client of so many partitions."""
    return min(max(FETCH_WAIT, partitions * PER_PARTITION), LONGEST_WAIT)


def owner(place: Place, tasks: int) -> int:
    """Which of so many tasks reads a partition."""
    return crc32(f"{place[0]}-{place[1]}".encode()) % tasks


class Poller(threading.Thread):
    """Fills `records`; commits what the tracker says. `lock` guards the tracker, which the spout's thread uses too."""

    def __init__(
        self, kafka: Kafka, tracker: OffsetTracker[Any], lock: threading.Lock, telemetry: Stage, index: int, tasks: int
    ) -> None:
        super().__init__(name="poller", daemon=True)
        self.kafka, self.tracker, self.lock, self.index, self.tasks = kafka, tracker, lock, index, tasks
        self.telemetry = telemetry
        self.records: deque[tuple[int, Any]] = deque()  # each with the incarnation that it was read from
        self.room = threading.Condition()
        self.waiting_bytes = 0
        self._pause = PAUSE
        self._fetch_wait = FETCH_WAIT
        self._topic_ids: dict[TopicPartition, str] = {}  # of what the tracker follows, whichever consumer reads it
        self._incarnations: dict[TopicPartition, int] = {}
        self._mine: set[TopicPartition] = set()
        self._paused: set[TopicPartition] = set()
        self._discovery, self._commit, self._lag = Every(DISCOVERY), Every(COMMIT), Every(LAG)
        self._metadata, self._changes, self._changed = Every(METADATA), TopicChanges(kafka), False

    def run(self) -> None:
        """Never ends: whatever Kafka's trouble is, a new consumer starts where the tracker stands."""
        while True:
            try:
                self._consume()
            except Exception:
                self.telemetry.count("polling_errors")
                log.exception("reading from Kafka failed; retry in %.1f s", self._pause)
                time.sleep(self._pause)
                self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def take(self) -> tuple[int, Any] | None:
        """The next record and the incarnation of its partition, or None. For the spout's thread."""
        if not self.records:
            return None
        incarnation, record = self.records.popleft()
        with self.room:
            self.waiting_bytes -= len(record.value or b"")
            if self.waiting_bytes < ROOM // 2:
                self.room.notify()
        return incarnation, record

    def wait(self, seconds: float) -> None:
        """Until a record is there, at most so long. For the spout's thread."""
        with self.room:
            self.room.wait_for(lambda: bool(self.records), seconds)

    def _consume(self) -> None:
        """Reads and commits with one consumer until it has to go."""
        consumer = self._connected()
        connected = time.monotonic()
        try:
            while self._turn(consumer):
                if time.monotonic() - connected > LONGEST_PAUSE:
                    self._pause = PAUSE
        finally:
            consumer.close(autocommit=False, timeout_ms=2000)

    def _connected(self) -> KafkaConsumer:
        self._mine, self._paused = set(), set()
        self._discovery.reset()
        self._changes.forget()
        self._lag.reset()
        return KafkaConsumer(
            **client_options(self.kafka),
            group_id=self.kafka.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            metadata_max_age_ms=int(METADATA * 1000),
            fetch_max_wait_ms=int(self._fetch_wait * 1000),
            fetch_max_bytes=ROOM,
            max_poll_records=500,
        )

    def _turn(self, consumer: KafkaConsumer) -> bool:
        """False when this consumer has to go: it may hold records of a topic that is gone, or another one by now."""
        if self._discovery.due() and self._may_differ() and not self._discover(consumer):
            return False
        if self._commit.due():
            self._commit_done(consumer)
            self._hold_full(consumer)
        if self._lag.due():
            self._tell_lag(consumer)
        if not self._mine:
            time.sleep(0.2)
        elif self._has_room():
            self._put(consumer.poll(timeout_ms=int((self._discovery.seconds if self._rests() else COMMIT) * 1000)))
        return True

    def _may_differ(self) -> bool:
        """Whether there may be other topics than before. Twice after a change: another broker may know of it later."""
        changed = self._changes.look() or self._metadata.due()
        differs, self._changed = changed or self._changed, changed
        return differs

    def _rests(self) -> bool:
        """Whether nothing is on its way: then there is nothing to commit soon, and no partition is full."""
        return not (self.tracker.in_flight or self.tracker.waiting or self.records or self._paused)

    def _has_room(self) -> bool:
        with self.room:
            return self.room.wait_for(lambda: self.waiting_bytes < ROOM, timeout=COMMIT)

    def _put(self, batches: dict[Any, list[Any]]) -> None:
        for partition, batch in batches.items():
            size = sum(len(record.value or b"") for record in batch)
            with self.room:
                self.waiting_bytes += size
                self.records.extend((self._incarnations[partition], record) for record in batch)
                self.room.notify()

    def _discover(self, consumer: KafkaConsumer) -> bool:
        """Takes up partitions that are new, and lets those go that are gone or were created again: then False."""
        found = self._found(consumer)
        gone = {partition for partition, id in self._topic_ids.items() if found.get(partition) != id}
        self._forget(gone)
        if gone:
            log.warning("deleted or created again: %s", ", ".join(sorted({partition.topic for partition in gone})))
            return False
        mine = set(found)
        if new := mine - self._mine:
            log.info("reading %d partitions, %d of them new", len(mine), len(new))
        if mine != self._mine:
            consumer.assign(sorted(mine))
        for partition in new:
            self._start(consumer, partition, found[partition])
        self._mine = mine
        self._be_patient(consumer)
        return True

    def _be_patient(self, consumer: KafkaConsumer) -> None:
        """Fetches and looks for topics as often as so many partitions allow."""
        self._fetch_wait = fetch_wait(len(self._mine))
        self._discovery.seconds = max(DISCOVERY, self._fetch_wait / 2)
        consumer._fetcher.config["fetch_max_wait_ms"] = int(self._fetch_wait * 1000)  # it is read at each fetch

    def _found(self, consumer: KafkaConsumer) -> dict[TopicPartition, str]:
        """The partitions that this task reads, each with the id of its topic."""
        topics = sorted(topic for topic in consumer.topics() if topic.startswith(TOPIC_PREFIX))
        places = [(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic) or ()]
        ids = {topic: str(consumer._cluster.topic_id(topic) or "") for topic in topics}  # nothing public tells it
        return {TopicPartition(*at): ids[at[0]] for at in places if owner(at, self.tasks) == self.index}

    def _forget(self, gone: set[TopicPartition]) -> None:
        with self.lock:
            for partition in gone:
                self.tracker.forget((partition.topic, partition.partition))
                del self._topic_ids[partition]

    def _start(self, consumer: KafkaConsumer, partition: TopicPartition, topic_id: str) -> None:
        """Where a partition is read from: where it was committed, else its beginning; after trouble with Kafka, behind
        what is in flight already."""
        place = (partition.topic, partition.partition)
        committed = self._committed(consumer, partition, topic_id)
        with self.lock:
            self._incarnations[partition] = self.tracker.follow(place, committed)
            position = self.tracker.next(place)
        self._topic_ids[partition] = topic_id
        if position > 0:
            consumer.seek(partition, position)
        else:
            consumer.seek_to_beginning(partition)

    def _committed(self, consumer: KafkaConsumer, partition: TopicPartition, topic_id: str) -> int:
        """The position that was committed for this very topic; 0 where there is none.

        A commit on its way while the topic was created again belongs to the former one. Without an id (an older
        version, another client), a commit beyond the end of the log does."""
        committed = consumer.committed(partition, metadata=True)
        if committed is None:
            return 0
        known = topic_id and committed.metadata == topic_id
        if known or (not committed.metadata and committed.offset <= consumer.end_offsets([partition])[partition]):
            return int(committed.offset)
        log.warning("%s was committed at %d for a topic that is gone", partition, committed.offset)
        return 0

    def _commit_done(self, consumer: KafkaConsumer) -> None:
        with self.lock:
            positions = self.tracker.committable()
        if not positions:
            return
        places = {TopicPartition(*place): at for place, at in positions.items()}
        try:
            consumer.commit({p: OffsetAndMetadata(at, self._topic_ids[p], -1) for p, at in places.items()})
        except KafkaError as error:
            self.telemetry.count("polling_errors")
            log.warning("a commit failed and is retried: %r", error)
            return
        self.telemetry.count("commits")
        with self.lock:
            self.tracker.committed(positions)

    def _hold_full(self, consumer: KafkaConsumer) -> None:
        """Stops reading partitions that hold their cap of records, and goes on with those that do not any more."""
        if self._rests():
            self.telemetry.set("partitions", len(self._mine))
            return
        with self.lock:
            full = {p for p in self._mine if self.tracker.full((p.topic, p.partition))}
        consumer.pause(*(full - self._paused))
        consumer.resume(*((self._paused & self._mine) - full))
        self._paused = full
        self.telemetry.set("partitions", len(self._mine))
        self.telemetry.set("full_partitions", len(full))

    def _tell_lag(self, consumer: KafkaConsumer) -> None:
        try:
            ends = self._ends(consumer)
        except Exception as error:  # the client's own faults too: reporting must not stop the work
            log.info("the lag is unknown: %r", error)
            return
        with self.lock:
            lag = sum(max(end - self.tracker.position((p.topic, p.partition)), 0) for p, end in ends.items())
        self.telemetry.set("lag", lag)

    def _ends(self, consumer: KafkaConsumer) -> Mapping[TopicPartition, int]:
        """As the last fetches told them. Of what is held nothing is fetched, and its end moves on: the brokers are
        asked."""
        read = self._mine - self._paused if self.waiting_bytes < ROOM else set()
        told = {partition: end for partition in read if (end := consumer.highwater(partition)) is not None}
        others = self._mine - told.keys()
        timeout_ms = int((self._fetch_wait + LAG_TIMEOUT) * 1000)
        return told | (consumer.end_offsets(others, timeout_ms=timeout_ms) if others else {})


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
