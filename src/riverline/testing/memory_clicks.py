"""Clicks in this process's memory: the twin of `adapters/mysql/clicks.py`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

from riverline.parsing.fingerprint import url_id


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class MemoryClicks:
    """Not thread-safe."""

    def __init__(self, now_ms: Callable[[], int] = _now_ms) -> None:
        self._now_ms = now_ms
        self._clicks: dict[tuple[str, str], tuple[int, int]] = {}  # position, and when

    def add(self, visit: str, url: str, position: int) -> bool:
        if (visit, url) in self._clicks:
            return False
        self._clicks[visit, url] = position, self._now_ms()
        return True

    def of(self, urls: Sequence[str]) -> dict[str, int]:
        counts = Counter(url for _, url in self._clicks)
        return {url: counts[url] for url in urls if counts[url]}

    def totals(self, after: str, limit: int, within_seconds: int | None = None) -> dict[str, int]:
        since = 0 if within_seconds is None else self._now_ms() - within_seconds * 1000
        recent = {url for (_, url), (_, at) in self._clicks.items() if at >= since}
        rest = sorted((url for url in recent if not after or url_id(url) > url_id(after)), key=url_id)
        return self.of(rest[:limit])

    def counted(self, since_ms: int, until_ms: int, interval_ms: int) -> dict[int, int]:
        times = [at for _, at in self._clicks.values() if since_ms <= at < until_ms]
        return dict(Counter(at // interval_ms * interval_ms for at in times))
