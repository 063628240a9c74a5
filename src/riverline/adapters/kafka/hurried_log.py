"""A `PageLog` for callers that must not wait long: kafka-python's own timeouts are longer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TypeVar

from riverline.adapters.circuit_breaker import Gate
from riverline.errors import Transient
from riverline.model import Origin, Page
from riverline.pipeline.contracts import Done, Failure, PageLog, Raw, Record

THREADS = 4  # questions at a time
LOOK_SECONDS = 1.0  # that the brokers have to list the topics while a request waits
T = TypeVar("T")


class HurriedLog:
    """Thread-safe. Every question has `patience` seconds; then it goes on without its caller, who gets a Transient, and
    the next ones get it at once until the brokers answer again."""

    def __init__(self, log: PageLog, patience: float) -> None:
        self._log, self._patience = log, patience
        self._gate = Gate(lambda: self._within(log.topics, patience), probe=2 * patience, name="kafka")

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(THREADS, "kafka")

    def append(self, topic: str, page: Page, done: Done | None = None) -> None:
        self._asked(lambda: self._log.append(topic, page, done))

    def bury(self, page: Page, failure: Failure, done: Done | None = None) -> None:
        self._asked(lambda: self._log.bury(page, failure, done))

    def bury_raw(self, record: Raw, failure: Failure, done: Done | None = None) -> None:
        self._asked(lambda: self._log.bury_raw(record, failure, done))

    def flush(self, timeout: float = 30.0) -> None:
        self._asked(lambda: self._log.flush(min(timeout, self._patience)))

    def topics(self) -> list[str]:
        return self._asked(self._log.topics)

    def ends(self, topics: Sequence[str]) -> Mapping[tuple[str, int], tuple[int, int]]:
        return self._asked(lambda: self._log.ends(topics))

    def committed(self, topics: Sequence[str]) -> Mapping[tuple[str, int], int]:
        return self._asked(lambda: self._log.committed(topics))

    def offsets_at(self, topics: Sequence[str], timestamp: int) -> Mapping[tuple[str, int], int]:
        return self._asked(lambda: self._log.offsets_at(topics, timestamp))

    def read(self, topic: str, partition: int, start: int, stop: int) -> Iterator[Record]:
        return iter(self._asked(lambda: list(self._log.read(topic, partition, start, stop))))

    def raw(self, topic: str, partition: int, start: int, stop: int) -> Iterator[Raw]:
        return iter(self._asked(lambda: list(self._log.raw(topic, partition, start, stop))))

    def records_at(self, origins: Collection[Origin]) -> Iterator[Raw]:
        return iter(self._asked(lambda: list(self._log.records_at(origins))))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._log.close()

    def _asked(self, question: Callable[[], T]) -> T:
        if not self._gate.lets_through():
            raise Transient("Kafka did not answer lately")
        try:
            return self._within(question, self._patience)
        except TimeoutError:
            self._gate.suspect(
                lambda: self._within(self._log.topics, LOOK_SECONDS)
            )  # one long question is no verdict on the brokers
            raise Transient(f"Kafka did not answer within {self._patience:g} s") from None

    def _within(self, question: Callable[[], T], seconds: float) -> T:
        """Raises TimeoutError, beside what it raises itself."""
        return self._pool.submit(question).result(seconds)
