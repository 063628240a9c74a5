"""The producer's side of Kafka: what is appended waits in this process until the brokers have taken it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from riverline.errors import Transient
from riverline.pipeline.contracts import Done
from riverline.testing.memory_log import MemoryLog
from riverline.testing.outages import Server, reached_through


class QueuedLog:
    """`PageLog` as one process has it, over brokers that all share. `flush` writes what waits, in order; what got no
    answer is written again, so a record may stand there twice, and what waits is lost with its process."""

    def __init__(self, server: Server, brokers: MemoryLog) -> None:
        self._server, self._brokers = server, brokers
        self._reached = reached_through(server, brokers)
        self._waiting: deque[tuple[Callable[..., None], tuple[Any, ...], Done | None]] = deque()

    def append(self, topic: str, page: Any, done: Done | None = None) -> None:
        self._waiting.append((self._brokers.append, (topic, page), done))

    def bury(self, page: Any, failure: Any, done: Done | None = None) -> None:
        self._waiting.append((self._brokers.bury, (page, failure), done))

    def bury_raw(self, record: Any, failure: Any, done: Done | None = None) -> None:
        self._waiting.append((self._brokers.bury_raw, (record, failure), done))

    @property
    def pending(self) -> int:
        return len(self._waiting)

    def flush(self, timeout: float = 30.0) -> None:
        while self._waiting:
            put, arguments, done = self._waiting[0]
            errors: list[Exception | None] = []
            try:
                self._server.ask(lambda: put(*arguments, errors.append), "flush")  # noqa: B023  called at once
            except Transient as error:
                raise Transient(f"{len(self._waiting)} records are not acknowledged: {error}") from error
            self._waiting.popleft()
            if done is not None:
                done(errors[0] if errors else None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reached, name)
