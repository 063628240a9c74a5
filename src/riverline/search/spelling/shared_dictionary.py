"""This process's dictionary, and how it gets a newer one. Without one, no word is corrected."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from riverline.contracts import KeyValue
from riverline.errors import RiverlineError
from riverline.search.spelling.dictionary import unpacked
from riverline.search.spelling.dictionary_making import DICTIONARY, VERSION
from riverline.search.spelling.speller import Speller

LOOK_SECONDS = 30.0  # between two looks for a newer one

log = structlog.get_logger(__name__)


class SharedDictionary:
    """Thread-safe. A thread of its own fetches a newer one: nobody who searches waits for that."""

    def __init__(self, key_value: Callable[[], KeyValue], clock: Callable[[], float] = time.monotonic) -> None:
        self._key_value, self._clock = key_value, clock
        self._lock = threading.Lock()
        self._looked, self._version = float("-inf"), b""
        self._speller: Speller | None = None

    def speller(self) -> Speller | None:
        """What spells with the newest dictionary that has arrived; None before the first."""
        if self._clock() - self._looked >= LOOK_SECONDS and self._lock.acquire(blocking=False):
            self._looked = self._clock()
            threading.Thread(target=self._fetch, name="dictionary", daemon=True).start()
        return self._speller

    def fetch(self) -> Speller | None:
        """The same, waiting for it."""
        with self._lock:
            self._looked = self._clock()
            self._renew()
        return self._speller

    def _fetch(self) -> None:
        try:
            self._renew()
        finally:
            self._lock.release()

    def _renew(self) -> None:
        try:
            [version] = self._key_value().get([VERSION])
            if version is None or version == self._version:
                return
            [blob] = self._key_value().get([DICTIONARY])
            if blob is not None:
                self._speller, self._version = Speller(unpacked(blob)), version
        except RiverlineError as error:
            log.warning("no newer dictionary", error=str(error))
