"""How long a topology finishes nothing, though records come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from riverline.errors import Transient

SECONDS = 0.25  # between two looks


class Pauses(threading.Thread):
    """Looks at the number of records that are done until it is told to end; `longest` seconds it stood still."""

    def __init__(self, done: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self._done, self._ended = done, threading.Event()
        self.longest = 0.0

    def run(self) -> None:
        known, since = -1, time.monotonic()
        while not self._ended.wait(SECONDS):
            try:
                now = self._done()
            except Transient:
                continue
            if now > known:
                known, since = now, time.monotonic()
            self.longest = max(self.longest, time.monotonic() - since)

    def end(self) -> float:
        """The longest that was seen, in seconds."""
        self._ended.set()
        self.join()
        return self.longest
