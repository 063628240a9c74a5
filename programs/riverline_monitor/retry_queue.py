"""Calls to other systems, on a separate thread, repeated until they succeed: the caller never waits."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between two attempts; each is twice the one before
PATIENCE = 6 * 3600.0  # seconds after which a call is given up
MOST = 1000  # that wait; more are dropped


@dataclass(frozen=True)
class _QueuedCall:
    what: str
    run: Callable[[], None]
    done: Callable[[], None] | None
    asked: float


class RetryQueue:
    """Runs them in their order. Thread-safe."""

    def __init__(
        self,
        name: str,
        patience: float = PATIENCE,
        first_pause: float = FIRST_PAUSE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self._patience, self._first, self._monotonic = name, patience, first_pause, monotonic
        self._waiting: queue.Queue[_QueuedCall | None] = queue.Queue(MOST)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"retries-{name}", daemon=True)
        self._thread.start()

    def add(self, what: str, run: Callable[[], None], done: Callable[[], None] | None = None) -> None:
        """Queues a call; `done` is called on the queue's thread when it has succeeded."""
        try:
            self._waiting.put_nowait(_QueuedCall(what, run, done, self._monotonic()))
        except queue.Full:
            log.error("the queue is full: dropped", queue=self.name, what=what)

    def close(self, seconds: float = 5.0) -> None:
        """Gives what waits so many seconds."""
        if self._waiting.qsize() < MOST:
            self._waiting.put(None)
        self._thread.join(seconds)
        self._stopped.set()

    def _work(self) -> None:
        while (call := self._waiting.get()) is not None and not self._stopped.is_set():
            self._until_done(call)

    def _until_done(self, call: _QueuedCall) -> None:
        pause = self._first
        while not self._stopped.is_set():
            try:
                call.run()
            except Exception as error:  # whatever a channel's client raises: it is tried again
                if self._monotonic() - call.asked >= self._patience:
                    log.error("given up", queue=self.name, what=call.what, error=str(error))
                    return
                log.warning("failed, retried later", queue=self.name, what=call.what, error=str(error), pause=pause)
                self._stopped.wait(pause)
                pause = min(LONGEST_PAUSE, 2 * pause)
            else:
                if call.done:
                    call.done()
                return
