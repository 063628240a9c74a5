"""Answers that are the same for everybody, and need not be of this second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from riverline.errors import Transient

MOST = 1000  # answers


@dataclass(slots=True)
class _Answer:
    value: Any
    at: float
    renewing: bool = False


class Known:
    """Thread-safe. An answer of more than `fresh` seconds is given, and made anew meanwhile by a thread of its own; one
    of more than `kept` seconds is waited for. `monotonic` is the clock, `start` runs what nobody waits for."""

    def __init__(
        self,
        fresh: float,
        kept: float,
        monotonic: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = lambda run: threading.Thread(target=run, daemon=True).start(),
    ) -> None:
        self._fresh, self._kept, self._monotonic, self._start = fresh, kept, monotonic, start
        self._lock = threading.Lock()
        self._held: dict[Any, _Answer] = {}

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """The answer. Raises what `make` raises, if there is none yet."""
        now = self._monotonic()
        held = self._held.get(key)
        if held is None or now - held.at >= self._kept:
            return self._made(key, make)
        if now - held.at >= self._fresh and self._may_renew(held):
            self._start(lambda: self._renewed(key, held, make))
        return held.value

    def _may_renew(self, held: _Answer) -> bool:
        with self._lock:
            if held.renewing:
                return False
            held.renewing = True
            return True

    def _renewed(self, key: Any, held: _Answer, make: Callable[[], Any]) -> None:
        try:
            with suppress(Transient):  # the next who asks tries again
                self._made(key, make)
        finally:
            held.renewing = False

    def _made(self, key: Any, make: Callable[[], Any]) -> Any:
        value = make()
        with self._lock:
            if key not in self._held and len(self._held) >= MOST:
                self._held.clear()
            self._held[key] = _Answer(value, self._monotonic())
        return value
