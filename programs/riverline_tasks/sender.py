"""Sends tasks on a separate thread: the caller neither waits for the queue nor fails with it."""

from __future__ import annotations

import atexit
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

log = structlog.get_logger(__name__)

CAPACITY = 1000  # tasks waiting while the queue is slow; more are dropped, and counted
# Tasks that come often, and the task that takes many of them at once: sending one costs more than answering a search.
TOGETHER = {"tasks.record_search": "tasks.record_searches"}
GATHER_SECONDS = 0.5  # that such a task waits for others
MOST_TOGETHER = 500
Task = tuple[str, tuple[Any, ...]]


class Sender:
    """`sender(name, *arguments)`. For tasks whose loss is bearable: what must not be lost has its row in the outbox.

    `deliver` sends one task and may raise; `dropped` is called with the name of each task that was not sent.
    """

    def __init__(
        self, deliver: Callable[[str, tuple[Any, ...]], None], dropped: Callable[[str], None], capacity: int = CAPACITY
    ) -> None:
        self._deliver, self._dropped = deliver, dropped
        self._waiting: queue.Queue[Task] = queue.Queue(capacity)
        self._taken: list[Task] = []  # out of the queue, and not sent yet
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __call__(self, name: str, *arguments: Any) -> None:
        """Queues a task. Returns at once."""
        self._start()
        try:
            self._waiting.put_nowait((name, arguments))
        except queue.Full:
            self._dropped(name)

    def _start(self) -> None:
        # At the first task, not before: a process that forks would leave the thread behind.
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                atexit.register(self.flush)
                self._thread = threading.Thread(target=self._run, name="task-sender", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            first = self._waiting.get()
            self._taken = [first]  # from here on `flush` may take it away
            if first[0] in TOGETHER:
                time.sleep(GATHER_SECONDS)
                self._taken += self._rest(MOST_TOGETHER - 1)
            self._send_all(self._now_taken())

    def flush(self) -> None:
        """Sends what waits, when the process ends."""
        self._send_all(self._now_taken() + self._rest(CAPACITY))

    def _now_taken(self) -> list[Task]:
        taken, self._taken = self._taken, []
        return taken

    def _send_all(self, tasks: Sequence[Task]) -> None:
        for name, arguments, count in gathered(tasks):
            self._send(name, arguments, count)

    def _rest(self, most: int) -> list[Task]:
        """What waits already."""
        tasks: list[Task] = []
        with contextlib.suppress(queue.Empty):
            while len(tasks) < most:
                tasks.append(self._waiting.get_nowait())
        return tasks

    def _send(self, name: str, arguments: tuple[Any, ...], count: int) -> None:
        try:
            self._deliver(name, arguments)
        except Exception as error:
            for _ in range(count):
                self._dropped(name)
            log.warning("task not sent", task=name, error=str(error))


def gathered(tasks: Sequence[Task], together: Mapping[str, str] = TOGETHER) -> list[tuple[str, tuple[Any, ...], int]]:
    """The tasks to send, in order, each with how many it stands for: several that can go together are one, in the place
    of the first."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    found: list[tuple[str, tuple[Any, ...], int]] = []
    for name, arguments in tasks:
        if name not in together:
            found.append((name, arguments, 1))
        elif name in rows:
            rows[name].append(arguments)
        else:
            rows[name] = [arguments]
            found.append((name, (), 0))
    return [
        _one(name, rows[name], together[name]) if name in rows else (name, arguments, count)
        for name, arguments, count in found
    ]


def _one(name: str, rows: list[tuple[Any, ...]], many: str) -> tuple[str, tuple[Any, ...], int]:
    return (name, rows[0], 1) if len(rows) == 1 else (many, (rows,), len(rows))


def celery_deliver() -> Callable[[str, tuple[Any, ...]], None]:
    """Sends to the broker of the settings, giving up after two seconds. Celery is imported with the first task."""

    def deliver(name: str, arguments: tuple[Any, ...]) -> None:
        from riverline_tasks.app import app

        # Celery would write hundreds of searches out as text, for its log.
        app.send_task(name, arguments, argsrepr="(...)", retry=False, ignore_result=True)

    return deliver
