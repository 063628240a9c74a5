"""The word lists that an operator keeps: synonyms, read again when their file changes, and words for nori."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from riverline.errors import Fatal, Invalid
from riverline.search.analysis import synonyms
from riverline.search.analysis.synonyms import Synonyms
from riverline.settings import SearchSettings

SHIPPED = Path(synonyms.__file__).with_name("synonyms.txt")
LOOK_SECONDS = 1.0  # a file is looked at no more often than that

log = structlog.get_logger(__name__)
Stamp = tuple[int, int]


class Lexicon:
    """Thread-safe. A file that cannot be read, or that says nonsense, leaves what was read before, and is logged."""

    def __init__(self, settings: SearchSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._lock = threading.Lock()
        self._looked, self._stamp, self._held = float("-inf"), (0, 0), synonyms.NONE

    @property
    def synonyms_path(self) -> Path:
        """The file of synonyms: the operator's, else the one that is shipped."""
        return self._settings.synonyms or SHIPPED

    def synonyms(self) -> Synonyms:
        """The rules as the file has them now, or had them a second ago."""
        if self._clock() - self._looked < LOOK_SECONDS:
            return self._held
        with self._lock:
            self._looked = self._clock()
            self._look()
        return self._held

    def known(self, words: Sequence[str]) -> frozenset[str]:
        """Those of the words that the rules have others for: no misspellings, whatever the documents hold."""
        rules = self.synonyms()
        return frozenset(word for word in words if rules.alternatives([word]))

    def _look(self) -> None:
        try:
            stamp = self._stamp_of()
            if stamp != self._stamp:
                self._stamp, self._held = stamp, self.read()
        except Fatal as error:
            log.warning("synonyms not read", error=str(error))

    def _stamp_of(self) -> Stamp:
        try:
            found = self.synonyms_path.stat()
        except OSError as error:
            raise Fatal(f"synonyms: {error}") from error
        return found.st_mtime_ns, found.st_size

    def read(self) -> Synonyms:
        """The rules of the file. Raises Fatal that says what is wrong with it."""
        try:
            return synonyms.parsed(self.synonyms_path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, Invalid) as error:
            raise Fatal(f"synonyms: {self.synonyms_path}: {error}") from error

    def korean_words(self) -> tuple[str, ...]:
        """Nori's user dictionary, a rule a line (`세종시 세종 시`). Read when an index is made. Raises Fatal."""
        path = self._settings.korean_words
        if path is None:
            return ()
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise Fatal(f"words for nori: {path}: {error}") from error
        return tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
