"""A model that is loaded beside its first users."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from riverline.errors import RiverlineError, Transient
from riverline.search.semantic.contracts import Embeddings, QueryVector, Vectors

log = logging.getLogger(__name__)


class LoadedLater:
    """Thread-safe. Begins to load when it is first asked; until it is loaded, all calls raise Transient."""

    name = ""

    def __init__(self, make: Callable[[], Embeddings]) -> None:
        self._make = make
        self._made: Embeddings | None = None
        self._begun = threading.Lock()

    def of_query(self, text: str) -> QueryVector:
        return self._loaded().of_query(text)

    def of_document(self, text: str) -> Vectors:
        return self._loaded().of_document(text)

    def _loaded(self) -> Embeddings:
        if self._made is None:
            if self._begun.acquire(blocking=False):
                threading.Thread(target=self._load, name="sentence-model", daemon=True).start()
            raise Transient("the sentence model is not loaded yet")
        return self._made

    def _load(self) -> None:
        """Where it cannot be loaded it stays so, and results stand as the index ranks them."""
        try:
            self._made = self._make()
        except (RiverlineError, ImportError, OSError, ValueError) as error:
            log.error("semantic search is off in this process: %s", error)
