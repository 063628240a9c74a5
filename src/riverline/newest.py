"""A bounded cache: it keeps the newest entries, by key."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Newest(Generic[K, V]):
    """The `most` keys that were put last, each with its last value. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[K, V] = {}
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        return self._held.get(key)

    def __contains__(self, key: K) -> bool:
        return key in self._held

    def put(self, key: K, value: V) -> None:
        """Makes room by leaving out the key that was put before all others."""
        with self._lock:
            self._held.pop(key, None)
            if len(self._held) >= self._most:
                del self._held[next(iter(self._held))]
            self._held[key] = value
