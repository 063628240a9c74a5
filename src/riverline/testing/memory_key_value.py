"""Small values in this process's memory: the twin of `adapters/redis/key_value.py`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence


class MemoryKeyValue:
    """Thread-safe. `monotonic` is its clock, in seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic, self._lock = monotonic, threading.Lock()
        self._held: dict[str, tuple[float, bytes]] = {}
        self._noted: dict[str, tuple[float, dict[str, bytes]]] = {}

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        with self._lock:
            return [self._value(key) for key in keys]

    def put(self, key: str, value: bytes, seconds: float) -> None:
        with self._lock:
            self._held[key] = (self._monotonic() + seconds, value)

    def put_new(self, key: str, value: bytes, seconds: float) -> bool:
        with self._lock:
            if self._value(key) is not None:
                return False
            self._held[key] = (self._monotonic() + seconds, value)
            return True

    def forget(self, key: str) -> None:
        with self._lock:
            self._held.pop(key, None)

    def looked_up(self, key: str, claim: str, token: bytes, seconds: float) -> tuple[bytes | None, bool]:
        return self.get([key])[0], self.put_new(claim, token, seconds)

    def settle(self, key: str, value: bytes, seconds: float, claim: str, token: bytes) -> None:
        self.put(key, value, seconds)
        self.release(claim, token)

    def release(self, claim: str, token: bytes) -> None:
        with self._lock:
            if self._value(claim) == token:
                del self._held[claim]

    def note(self, key: str, values: Mapping[str, bytes], seconds: float) -> None:
        with self._lock:
            self._noted[key] = (self._monotonic() + seconds, {**self._notes(key), **values})

    def noted(self, key: str, names: Sequence[str]) -> list[bytes | None]:
        with self._lock:
            found = self._notes(key)
        return [found.get(name) for name in names]

    def _notes(self, key: str) -> dict[str, bytes]:
        until, values = self._noted.get(key, (0.0, {}))
        return values if until > self._monotonic() else {}

    def counted(self, more: Mapping[str, int], window: int, seconds: int) -> list[tuple[int, int]]:
        with self._lock:
            return [
                (self._count(f"{name}_{window - 1}"), self._add(f"{name}_{window}", added, seconds))
                for name, added in more.items()
            ]

    def _add(self, key: str, added: int, seconds: int) -> int:
        count = self._count(key) + added
        self._held[key] = (self._monotonic() + seconds, b"%d" % count)
        return count

    def _count(self, key: str) -> int:
        return int(self._value(key) or 0)

    def _value(self, key: str) -> bytes | None:
        until, value = self._held.get(key, (0.0, None))
        return value if until > self._monotonic() else None
