"""The index of a simulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from riverline.model import Document, Fate
from riverline.search.contracts import Outcome, Written
from riverline.testing.memory_index import MemoryIndex
from tests.simulation.clock import Clock

TOMBSTONES = 60.0  # seconds that a deletion is known (index.gc_deletes)


class Index(MemoryIndex):
    """The twin, with what passes in a real one: a second until a search sees something, a minute until a deletion is
    forgotten. Each fate is reported to whoever watches."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._dirty = False
        self._deleted_since: dict[str, float] = {}
        self.on_fate: list[Callable[[Fate], None]] = []

    def write(self, documents: Any, fates: Any) -> list[Written]:
        self._dirty = True
        for url, since in list(self._deleted_since.items()):
            if self._clock.now - since > TOMBSTONES:
                self.forget_deletion(url)
        written = super().write(documents, fates)
        for fate, answer in zip(fates, written[len(documents) :], strict=True):
            if answer.outcome is Outcome.WRITTEN:
                for tell in self.on_fate:
                    tell(fate)
        return written

    def delete(self, urls: Any, at_ms: int) -> None:
        self._dirty = True
        for url in urls:
            self._deleted_since[url] = self._clock.now
        super().delete(urls, at_ms)

    def forget_deletion(self, url: str) -> None:
        self._deleted.pop(url, None)
        self._deleted_since.pop(url, None)

    def restart(self) -> None:
        """What a new process of the server does not know any more."""
        for url in list(self._deleted_since):
            self.forget_deletion(url)

    def refresh_soon(self) -> None:
        if self._dirty:
            self._dirty = False
            self.refresh()

    @property
    def documents(self) -> dict[str, Document]:
        return {url: held.document for url, held in self._documents.items()}

    @property
    def all_fates(self) -> dict[str, Fate]:
        return self._fates
