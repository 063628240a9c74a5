"""Pages in Kafka: the contract `PageLog` on real brokers, through kafka-python."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka import errors as kafka_errors
from kafka.protocol.consumer import OffsetSpec

from riverline.adapters.kafka.access import client_options
from riverline.adapters.kafka.topics import BOOTSTRAP, ENVELOPE, connect_admin, create_topics
from riverline.adapters.kafka.writer import RecordWriter
from riverline.errors import Transient
from riverline.model import Origin, Page
from riverline.pipeline.contracts import TOPIC_PREFIX, Done, Failure, Raw, Record
from riverline.pipeline.records import failure_headers, page_to_record, record_of
from riverline.retry import retried
from riverline.settings import Settings

COORDINATOR = 10.0  # seconds that a group's coordinator may take to appear
LINGER = 0.01  # seconds
STALLED = 30.0  # seconds without a record or an answer after which reading gives up

_COORDINATOR_ERRORS = (
    kafka_errors.CoordinatorNotAvailableError,
    kafka_errors.CoordinatorLoadInProgressError,
    kafka_errors.NotCoordinatorError,
)


class KafkaLog:
    """Writes through a `Writer`, reads with consumers that belong to no group. Connects at the first call."""

    def __init__(self, settings: Settings, patience: float | None = None, linger: float = LINGER) -> None:
        """`patience`: seconds that the brokers have for an answer while a request waits; `linger`: those that a record
        waits for others of its broker, which go in one request with it."""
        self._settings, self._patience, self._linger = settings, patience, linger
        self._lock = threading.Lock()
        self._admin: KafkaAdminClient | None = None
        self._writer: RecordWriter | None = None

    def append(self, topic: str, page: Page, done: Done | None = None) -> None:
        self._writing().put(topic, *page_to_record(page), done)

    def bury(self, page: Page, failure: Failure, done: Done | None = None) -> None:
        key, value, headers = page_to_record(page)
        self._writing().put(self._settings.kafka.dead_letter, key, value, headers + failure_headers(failure), done)

    def bury_raw(self, record: Raw, failure: Failure, done: Done | None = None) -> None:
        headers = list(record.headers or ()) + failure_headers(failure)
        self._writing().put(
            self._settings.kafka.dead_letter, record.key, b"" if record.value is None else record.value, headers, done
        )

    def flush(self, timeout: float = 30.0) -> None:
        if self._writer is not None:
            self._writer.flush(timeout)

    @property
    def pending(self) -> int:
        """How many records are queued and not acknowledged."""
        return self._writer.pending if self._writer is not None else 0

    def topics(self) -> list[str]:
        names: list[str] = self._asked(lambda admin: admin.list_topics())
        return sorted(name for name in names if name.startswith(TOPIC_PREFIX))

    def ends(self, topics: Sequence[str]) -> Mapping[tuple[str, int], tuple[int, int]]:
        if not topics:
            return {}
        found = self._asked(lambda admin: admin.describe_topics(list(topics)))
        places = [
            TopicPartition(t["name"], p["partition_index"])
            for t in found
            if not t["error_code"]
            for p in t["partitions"]
        ]
        if not places:
            return {}
        first = self._asked(lambda admin: admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST)))
        following = self._asked(lambda admin: admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST)))
        return {(place.topic, place.partition): (first[place].offset, following[place].offset) for place in places}

    def committed(self, topics: Sequence[str]) -> Mapping[tuple[str, int], int]:
        group, wanted = self._settings.kafka.group, set(topics)
        offsets = self._asked(lambda admin: admin.list_group_offsets({group: None})).get(group, {})
        return {
            (at.topic, at.partition): found.offset
            for at, found in offsets.items()
            if at.topic in wanted and found.offset >= 0
        }

    def read(self, topic: str, partition: int, start: int, stop: int) -> Iterator[Record]:
        """As the contract says; a record that holds no page raises Invalid, a stall of 30 s raises Transient."""
        return map(record_of, self.raw(topic, partition, start, stop))

    def offsets_at(self, topics: Sequence[str], timestamp: int) -> Mapping[tuple[str, int], int]:
        ends = self.ends(topics)
        if not ends:
            return {}
        with contextlib.closing(self._consumer()) as consumer:
            found = consumer.offsets_for_times({TopicPartition(*place): timestamp for place in ends})
        at = {(place.topic, place.partition): answer for place, answer in found.items()}
        return {place: at[place].offset if at.get(place) else following for place, (_, following) in ends.items()}

    def raw(self, topic: str, partition: int, start: int, stop: int) -> Iterator[Raw]:
        first, following = self.ends([topic]).get((topic, partition), (0, 0))
        start, stop = max(start, first), min(stop, following)
        if start >= stop:
            return
        place = TopicPartition(topic, partition)
        with contextlib.closing(self._consumer()) as consumer:
            consumer.assign([place])
            consumer.seek(place, start)
            yield from _records(consumer, place, stop)

    def records_at(self, origins: Collection[Origin]) -> Iterator[Raw]:
        ends = self.ends(sorted({origin.topic for origin in origins}))
        spans = [(origin, *ends.get((origin.topic, origin.partition), (0, 0))) for origin in origins]
        held = [origin for origin, first, following in spans if first <= origin.offset < following]
        if not held:
            return
        with contextlib.closing(self._consumer()) as consumer:  # one for all: each connects anew
            for origin in held:
                place = TopicPartition(origin.topic, origin.partition)
                consumer.assign([place])
                consumer.seek(place, origin.offset)
                yield from _records(consumer, place, origin.offset + 1)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        with self._lock:
            self._drop_admin()

    def _writing(self) -> RecordWriter:
        with self._lock:
            if self._writer is None:
                self._writer = RecordWriter(self._connect_producer, self._create)
            return self._writer

    def _connect_producer(self) -> KafkaProducer:
        return KafkaProducer(
            **client_options(self._settings.kafka),
            client_id="riverline",
            acks="all",
            enable_idempotence=True,
            compression_type=None,  # bodies are packed one by one; brokers need not look into the batches
            linger_ms=int(self._linger * 1000),
            batch_size=128 << 10,
            max_request_size=self._settings.crawl.max_page_bytes + ENVELOPE,
            max_block_ms=10_000,
            request_timeout_ms=7_000,
            delivery_timeout_ms=15_000,  # then the writer sends it again through a new producer
            bootstrap_timeout_ms=10_000,
            reconnect_backoff_max_ms=2_000,
            metadata_max_age_ms=60_000,
            metrics_enabled=False,
        )

    def _consumer(self) -> KafkaConsumer:
        try:
            return KafkaConsumer(
                **client_options(self._settings.kafka),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                bootstrap_timeout_ms=int((self._patience or BOOTSTRAP) * 1000),
            )
        except kafka_errors.KafkaError as error:
            raise Transient(f"Kafka does not answer: {error}") from error

    def _create(self, topics: Collection[str]) -> None:
        with self._lock:
            self._admin = self._admin or connect_admin(self._settings, self._patience)
            admin = self._admin
        try:
            create_topics(admin, self._settings, topics)
        except Transient:
            with self._lock:
                if self._admin is admin:  # it would go on to ask the controller that it has found once
                    self._drop_admin()
            raise

    def _asked(self, question: Callable[[KafkaAdminClient], Any]) -> Any:
        """The answer of the brokers; a client that failed is thrown away. Raises Transient.

        The first question for a group makes the brokers' own offsets topic: until it stands, up to some seconds on a
        new cluster, they answer that they have no coordinator.
        """
        seconds = self._patience or COORDINATOR
        with self._lock:
            try:
                return retried(lambda: self._asked_once(question), _COORDINATOR_ERRORS, pause=0.1, seconds=seconds)
            except kafka_errors.KafkaError as error:
                self._drop_admin()
                raise Transient(f"Kafka does not answer: {error}") from error

    def _asked_once(self, question: Callable[[KafkaAdminClient], Any]) -> Any:
        self._admin = self._admin or connect_admin(self._settings, self._patience)
        try:
            return question(self._admin)
        except kafka_errors.NotCoordinatorError:
            self._drop_admin()  # it would go on to ask the one that it has found once
            raise

    def _drop_admin(self) -> None:
        if self._admin is not None:
            with contextlib.suppress(kafka_errors.KafkaError):
                self._admin.close()
            self._admin = None


def _records(consumer: KafkaConsumer, place: TopicPartition, stop: int) -> Iterator[Any]:
    """Raw records before the offset `stop`. The position also moves over gaps, so that they end the loop too."""
    deadline = time.monotonic() + STALLED
    while consumer.position(place) < stop:
        batch = consumer.poll(timeout_ms=1_000).get(place, ())
        for raw in batch:
            if raw.offset >= stop:
                return
            yield raw
        deadline = time.monotonic() + STALLED if batch else deadline
        if time.monotonic() > deadline:
            raise Transient(f"{place.topic} partition {place.partition} gave no record for {STALLED:g} s")
