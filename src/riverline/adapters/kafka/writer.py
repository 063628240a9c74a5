"""Sends records to the brokers, and drops none while the process lives.

A thread of its own takes records from a bounded queue, makes their topics, hands them to a producer and waits for the
acknowledgements. An idempotent producer of kafka-python never recovers once a batch of it has expired; so when anything
but a plain refusal of one record comes back, the producer is thrown away and all that it had not acknowledged is sent
again, in the old order, by a new one. A record may thus be written twice, and never not at all.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from kafka import errors as kafka_errors

from riverline.errors import Invalid, RiverlineError, Transient
from riverline.pipeline.contracts import TOPIC_NAME, Done

log = structlog.get_logger(__name__)

_REFUSED = (kafka_errors.MessageSizeTooLargeError, kafka_errors.RecordListTooLargeError, kafka_errors.InvalidTopicError)
_OVERHEAD = 1_000  # bytes that a queued record costs beyond its contents
_PAUSES = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)  # seconds between tries while the brokers are away


@dataclass(slots=True, eq=False)
class QueuedRecord:
    """A record that is not settled yet."""

    number: int  # in the order of `put`
    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    done: Done | None

    @property
    def size(self) -> int:
        return len(self.value or b"") + len(self.key or b"") + sum(len(value) for _, value in self.headers) + _OVERHEAD


class RecordWriter:
    """`connect` makes a producer, `create` makes topics; both may raise Transient and are then asked again.

    `limit` is how many bytes may wait for acknowledgement before `put` blocks.
    """

    def __init__(
        self, connect: Callable[[], Any], create: Callable[[Collection[str]], None], limit: int = 64 << 20
    ) -> None:
        self._connect, self._create, self._limit = connect, create, limit
        self._changed = threading.Condition()
        self._waiting: deque[QueuedRecord] = deque()
        self._sent: dict[int, QueuedRecord] = {}
        self._bytes = self._open = self._count = self._generation = self._tries = 0
        self._closed = False
        self._broken: Exception | None = None
        self._known: set[str] = set()
        self._producer: Any = None
        self._thread = threading.Thread(target=self._run, name="kafka-writer", daemon=True)
        self._thread.start()

    def put(
        self, topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]], done: Done | None
    ) -> None:
        """Queues a record; blocks while more than `limit` bytes wait. Must not be called from a `done`."""
        if not TOPIC_NAME.match(topic):
            raise Invalid(f"{topic!r} is not a topic name")
        with self._changed:
            self._count += 1
            entry = QueuedRecord(self._count, topic, key, value, headers, done)
            self._changed.wait_for(lambda: self._closed or not self._open or self._bytes + entry.size <= self._limit)
            if self._closed:
                raise Transient("the log is closed")
            self._bytes += entry.size
            self._open += 1
            self._waiting.append(entry)
            self._changed.notify_all()

    @property
    def pending(self) -> int:
        """How many records are not settled yet."""
        return self._open

    def flush(self, timeout: float) -> None:
        """Returns when every `done` was called; raises Transient when that is not so after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self.pending, timeout):
                cause = f": {self._broken}" if self._broken else ""
                raise Transient(f"{self.pending} records are not acknowledged after {timeout:g} s{cause}")

    def close(self, timeout: float = 30.0) -> None:
        """Waits for what is queued, at most `timeout` seconds; then `done` of the rest gets a Transient."""
        with contextlib.suppress(Transient):
            self.flush(timeout)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(30)
        for entry in [*self._sent.values(), *self._waiting]:
            self._settle(entry, Transient("closed before the brokers acknowledged the record"))
        self._abandon()

    def _run(self) -> None:
        while (entries := self._next()) is not None:
            try:
                self._send(entries)
            except Exception as error:
                self._mark_broken(error)
            if self._broken:
                self._start_over(entries)

    def _next(self) -> list[QueuedRecord] | None:
        """All that waits; none when the producer broke while nothing waited; None when the writer is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting or self._broken)
            if self._closed:
                return None
            entries, self._waiting = list(self._waiting), deque()
            self._sent.update((entry.number, entry) for entry in entries)
            return entries

    def _send(self, entries: list[QueuedRecord]) -> None:
        unknown = {entry.topic for entry in entries} - self._known
        if unknown:
            self._create(unknown)
        self._producer = self._producer or self._connect()
        for topic in unknown:  # all at once: else each costs a metadata round trip of 100 ms at its first record
            self._producer._sender.add_topic(topic)
        self._known |= unknown
        for entry in entries:
            if self._broken or self._closed:
                return
            if entry.number in self._sent:  # or else a late acknowledgement of the old producer has settled it
                self._hand_over(entry)

    def _hand_over(self, entry: QueuedRecord) -> None:
        try:
            future = self._producer.send(entry.topic, value=entry.value, key=entry.key, headers=entry.headers)
        except _REFUSED as error:
            self._settle(entry, Invalid(f"Kafka refuses the record {entry.key!r}: {error}"))
            return
        future.add_callback(lambda _: self._settle(entry, None))
        future.add_errback(partial(self._failed, entry, self._generation))

    def _failed(self, entry: QueuedRecord, generation: int, error: Exception) -> None:
        if isinstance(error, _REFUSED):
            self._settle(entry, Invalid(f"Kafka refuses the record {entry.key!r}: {error}"))
        elif generation == self._generation:
            self._mark_broken(error)

    def _mark_broken(self, error: Exception) -> None:
        with self._changed:
            self._broken = self._broken or error
            self._changed.notify_all()

    def _start_over(self, entries: list[QueuedRecord]) -> None:
        """A new producer for all that is not acknowledged, after a pause that grows from try to try."""
        pause = _PAUSES[min(self._tries, len(_PAUSES) - 1)]
        log.warning("kafka_producer_replaced", error=str(self._broken), unacknowledged=len(self._sent), pause=pause)
        self._generation += 1
        self._abandon()
        with self._changed:
            self._tries += 1
            self._known.clear()
            self._waiting.extendleft(sorted(self._sent.values(), key=lambda entry: entry.number, reverse=True))
            self._sent.clear()
            self._changed.wait_for(lambda: self._closed, pause)
            self._broken = None

    def _abandon(self) -> None:
        """Ends the producer at once: its public `close` waits for what never comes and leaves its thread behind."""
        if self._producer is not None:
            with contextlib.suppress(kafka_errors.KafkaError):
                self._producer._sender.force_close()
                self._producer.close(timeout=5)
            self._producer = None

    def _settle(self, entry: QueuedRecord, error: RiverlineError | None) -> None:
        """Says how the record ended, once; only then does `flush` see it as done."""
        with self._changed:
            if self._sent.pop(entry.number, None) is None and not _removed(self._waiting, entry):
                return
        try:
            if entry.done is not None:
                entry.done(error)
        finally:
            with self._changed:
                self._bytes -= entry.size
                self._open -= 1
                self._tries = 0 if error is None else self._tries
                self._changed.notify_all()


def _removed(entries: deque[QueuedRecord], entry: QueuedRecord) -> bool:
    with contextlib.suppress(ValueError):
        entries.remove(entry)
        return True
    return False
