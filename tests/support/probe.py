"""How long a service gives no good answer, asked all the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

import httpx

EVERY, PATIENCE = 0.5, 10.0  # seconds between two questions, and for an answer


class Probe(threading.Thread):
    """Asks for a path until it ends. `longest`: seconds between two answers that were 200."""

    def __init__(self, site: str, path: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(name=f"probe {path}", daemon=True)
        self._client = httpx.Client(
            base_url=f"http://{site}/api/v1", timeout=PATIENCE, headers=headers, trust_env=False
        )
        self._path, self._ended = path, threading.Event()
        self.longest = 0.0

    def run(self) -> None:
        good = time.monotonic()
        while not self._ended.wait(EVERY):
            answered = self._is_answered()
            now = time.monotonic()
            self.longest = max(self.longest, now - good)
            good = now if answered else good

    def _is_answered(self) -> bool:
        try:
            return self._client.get(self._path).status_code == 200
        except httpx.HTTPError:
            return False

    def end(self) -> float:
        """Stops: the longest time without a good answer."""
        self._ended.set()
        self.join()
        self._client.close()
        return self.longest
