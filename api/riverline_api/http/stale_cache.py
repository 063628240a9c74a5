"""Answers that are the same for everyone and may be some seconds old."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from riverline.errors import Transient
from riverline.newest import Newest

MOST = 1000  # answers


@dataclass(slots=True)
class _CachedAnswer:
    value: Any
    at: float
    renewing: bool = False


class StaleWhileRevalidate:
    """Thread-safe. An answer older than `fresh` seconds is returned, while a thread of its own refreshes it; one
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
        self._held: Newest[Any, _CachedAnswer] = Newest(MOST)

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """The answer. Raises what `make` raises, if there is none yet."""
        now = self._monotonic()
        held = self._held.get(key)
        if held is None or now - held.at >= self._kept:
            return self._made(key, make)
        if now - held.at >= self._fresh and self._may_renew(held):
            self._start(lambda: self._renewed(key, held, make))
        return held.value

    def _may_renew(self, held: _CachedAnswer) -> bool:
        with self._lock:
            if held.renewing:
                return False
            held.renewing = True
            return True

    def _renewed(self, key: Any, held: _CachedAnswer, make: Callable[[], Any]) -> None:
        try:
            with suppress(Transient):  # the next request tries again
                self._made(key, make)
        finally:
            held.renewing = False

    def _made(self, key: Any, make: Callable[[], Any]) -> Any:
        value = make()
        self._held.put(key, _CachedAnswer(value, self._monotonic()))
        return value
