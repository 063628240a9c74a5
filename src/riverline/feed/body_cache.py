"""Bodies of posts that a process caches. A post may be deleted at any moment, and its author may take another name.

Every node of the cluster counts the changes of bodies that were reported to it, and sends the count with each list.
While all counts are what they were, nothing changed since the bodies were fetched; when one differs, all are forgotten.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

MOST_BODIES = 5000
LARGEST = 4096  # bytes of a body that is held
MOST_SECONDS = 30.0  # bodies are held so long whatever the counts say: while versions change, not every process counts
MOST_NODES = 64


class BodyCache:
    """Thread-safe.

    `held` is replaced as a whole, never emptied: a fetch puts its bodies into what was held when the fetch
    began, so that what crosses a change is put where nobody looks any more.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._counts: dict[bytes, bytes] = {}
        self._since = monotonic()
        self._lock = threading.Lock()
        self.held: dict[int, bytes] = {}

    def heard(self, node: bytes, count: bytes) -> None:
        """What a node says now. It is called before `held` is looked at."""
        if self._counts.get(node) == count and self._monotonic() - self._since < MOST_SECONDS:
            return
        with self._lock:
            # In this order: a reader of the new count finds no older body.
            self.held, self._since = {}, self._monotonic()
            if len(self._counts) >= MOST_NODES:
                self._counts.clear()
            self._counts[node] = count

    @staticmethod
    def keep(held: dict[int, bytes], post_id: int, body: bytes) -> None:
        """Adds a body to what was held when it was fetched, if there is room."""
        if len(body) <= LARGEST and len(held) < MOST_BODIES:
            held[post_id] = body
