"""A topic that is deleted and made again while the spout still holds records of it: nothing of the new one is lost.

The spout's reader works on the real brokers, under a group of its own; its turns are taken by the test.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from riverline.adapters.kafka.access import client_options
from riverline.adapters.kafka.log import KafkaLog
from riverline.adapters.kafka.topics import connect_admin
from riverline.model import Page
from riverline.pipeline.offset_tracker import InFlight, OffsetTracker
from riverline.pipeline.records import page_of
from riverline.settings import Settings
from riverline.telemetry import Stage
from spouts.poller import Poller

pytestmark = pytest.mark.integration

PATIENCE = 60.0


class Reader:
    """The spout's reader and tracker, without the spout; of what it finds, the records of one topic are kept.

    The others are taken at once: however much the stack has crawled, they never fill the reader's room.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self.topic, self.place = topic, (topic, 0)
        self.tracker: OffsetTracker = OffsetTracker()
        self.kept: deque[tuple[int, Any]] = deque()  # each with the incarnation that it was read from
        self.poller = Poller(settings.kafka, self.tracker, threading.Lock(), Stage("pages", 1), 0, 1)
        self.consumer = self.poller._connected()

    def turns(self, until) -> None:
        """Reads, and commits, until it holds."""
        deadline = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < deadline
            try:
                if self.poller._turn(self.consumer):
                    self._keep_own()
                    continue
            except KafkaError:
                pass  # a topic that goes away under it; the thread would start again, too
            self.close()
            self.consumer = self.poller._connected()

    def waiting(self, value: bytes) -> int:
        """How many records of the topic that say so wait for the spout."""
        return sum(page_of(record).body == value for _, record in self.kept)

    def take(self, count: int) -> list[InFlight]:
        """Sends up to so many records of the topic; those of a former one are not sent."""
        sent: list[InFlight] = []
        while len(sent) < count and self.kept:
            incarnation, record = self.kept.popleft()
            entry = self.tracker.send((record.topic, record.partition), record.offset, record, 0.0, 1, incarnation)
            if entry:
                sent.append(entry)
        return sent

    def _keep_own(self) -> None:
        while taken := self.poller.take():
            if taken[1].topic == self.topic:
                self.kept.append(taken)

    def committed(self) -> OffsetAndMetadata | None:
        return self.consumer.committed(TopicPartition(*self.place), metadata=True)

    def close(self) -> None:
        self.consumer.close(autocommit=False, timeout_ms=2000)


@pytest.fixture
def settings(stack: Settings) -> Settings:
    """The stack's, but for a group of its own and topics of one partition."""
    kafka = stack.kafka.model_copy(update={"group": f"anew-{time.time_ns():x}", "partitions": 1})
    return stack.model_copy(update={"kafka": kafka})


@pytest.fixture
def admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    made = connect_admin(settings)
    yield made
    made.close()


@pytest.fixture
def reader(settings: Settings) -> Iterator[Reader]:
    made = Reader(settings, f"crawl.anew{time.time_ns():x}.example")
    yield made
    made.close()


def write(settings: Settings, topic: str, word: str, count: int) -> None:
    """By a writer of its own: one that has written to the former topic knows its partitions still."""
    log = KafkaLog(settings)
    try:
        for number in range(count):
            url = f"http://{topic.removeprefix('crawl.')}/{word}/{number}"
            log.append(topic, Page(url, url, word.encode()))
        log.flush(PATIENCE)
    finally:
        log.close()


def delete(admin: KafkaAdminClient, topic: str) -> None:
    admin.delete_topics([topic])
    deadline = time.monotonic() + PATIENCE
    while topic in admin.list_topics():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_waits_of_the_former_topic_moves_no_commit_of_the_one_made_anew(
    settings: Settings, admin: KafkaAdminClient, reader: Reader
) -> None:
    write(settings, reader.topic, "old", 20)
    reader.turns(lambda: reader.waiting(b"old") == 20)
    old = reader.take(10)
    for entry in old[:6]:
        reader.tracker.ack(entry.id)
    reader.turns(lambda: (known := reader.committed()) is not None and known.offset == 6)
    former = reader.committed()
    delete(admin, reader.topic)
    write(settings, reader.topic, "new", 4)

    reader.turns(lambda: reader.waiting(b"new") == 4)
    assert reader.waiting(b"old") >= 10
    new = reader.take(20)
    for entry in old[6:]:
        assert reader.tracker.ack(entry.id) is None
    assert [(entry.offset, page_of(entry.record).body) for entry in new] == [(number, b"new") for number in range(4)]
    for entry in new[:3]:
        reader.tracker.ack(entry.id)
    reader.turns(lambda: (known := reader.committed()) is not None and known.metadata != former.metadata)
    assert reader.committed().offset == 3


def test_a_commit_that_came_too_late_for_the_former_topic_hides_nothing_of_the_new_one(
    settings: Settings, admin: KafkaAdminClient, reader: Reader
) -> None:
    write(settings, reader.topic, "old", 3)
    reader.turns(lambda: reader.waiting(b"old") == 3)
    for entry in reader.take(3):
        reader.tracker.ack(entry.id)
    reader.turns(lambda: (known := reader.committed()) is not None and known.offset == 3)
    late = reader.committed()
    delete(admin, reader.topic)
    write(settings, reader.topic, "new", 5)
    commit(settings, reader.topic, late)

    again = Reader(settings, reader.topic)  # a spout that starts now
    try:
        again.turns(lambda: again.waiting(b"new") == 5)
        assert [entry.offset for entry in again.take(5)] == [0, 1, 2, 3, 4]
    finally:
        again.close()


def commit(settings: Settings, topic: str, offset: OffsetAndMetadata) -> None:
    consumer = KafkaConsumer(**client_options(settings.kafka), group_id=settings.kafka.group)
    try:
        consumer.assign([TopicPartition(topic, 0)])
        consumer.commit({TopicPartition(topic, 0): offset})
    finally:
        consumer.close(autocommit=False)
