"""Sends tasks from a thread of its own: whoever sends one neither waits for the queue nor fails with it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

import structlog

log = structlog.get_logger(__name__)

CAPACITY = 1000  # tasks waiting while the queue is slow; more are dropped, and counted
Task = tuple[str, tuple[Any, ...]]


class Sender:
    """`sender(name, *arguments)`. For tasks whose loss is bearable: what must not be lost has its row in the outbox.

    `deliver` sends one task and may raise; `dropped` is told the name of each task that was not sent.
    """

    def __init__(
        self, deliver: Callable[[str, tuple[Any, ...]], None], dropped: Callable[[str], None], capacity: int = CAPACITY
    ) -> None:
        self._deliver, self._dropped = deliver, dropped
        self._waiting: queue.Queue[Task] = queue.Queue(capacity)
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
                self._thread = threading.Thread(target=self._run, name="task-sender", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            name, arguments = self._waiting.get()
            try:
                self._deliver(name, arguments)
            except Exception as error:
                self._dropped(name)
                log.warning("task not sent", task=name, error=str(error))
            finally:
                self._waiting.task_done()


def celery_deliver() -> Callable[[str, tuple[Any, ...]], None]:
    """Sends to the broker of the settings, giving up after two seconds. Celery is imported with the first task."""

    def deliver(name: str, arguments: tuple[Any, ...]) -> None:
        from tasks.app import app

        app.send_task(name, arguments, retry=False, ignore_result=True)

    return deliver
