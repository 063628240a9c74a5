"""Seen-filters on disk: Bloom filters (bloom-filter2, mmap) in generations.

A key that was never added is never said to be seen but with the error rate; a key that was added is always said to be
seen while its generation lives. One process writes a folder. The parameters stand in the file's name, so that a filter
of another size is never read as this one:

    seen-<capacity>-<error rate>-<generation>.bloom

Beside them stand how many keys the newest generation has, and a mark once the filter was filled with all that was seen
before it: without the mark, a key that it lacks may be one of those.

The files are memory maps: what was added survives the death of the process. After a crash of the machine some of it may
be missing, and keys look new again; callers that rely on "new" must tolerate that.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from struct import unpack_from

from bloom_filter2 import BloomFilter

_COUNT = "count"
KEY_BYTES = 16  # of a key at least


def _probes(bloom: BloomFilter, key: bytes) -> Iterator[int]:
    """Double hashing (Kirsch and Mitzenmacher, 2006) over a key that is a digest already: at least 16 bytes."""
    first, step = unpack_from("<QQ", key)
    for probe in range(bloom.num_probes_k):
        yield (first + probe * step) % bloom.num_bits_m


class SeenFilter:
    """Generations of Bloom filters in a folder. When the newest is full a new one is begun; the oldest is dropped."""

    def __init__(
        self, folder: Path, capacity: int = 1_000_000, error_rate: float = 0.001, generations: int = 4
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.capacity, self.error_rate, self.generations = folder, capacity, error_rate, generations
        self._stem = f"seen-{capacity}-{error_rate:g}"
        numbers = self._numbers()
        self._drop_others(numbers)
        self._complete = self._mark.exists()
        self._filters = {number: self._open(number) for number in numbers or [0]}
        self._count = self._read_count()
        self._tried = self._wrong = 0

    def __contains__(self, key: bytes) -> bool:
        return any(key in bloom for bloom in self._filters.values())

    @property
    def complete(self) -> bool:
        """Whether a key that the filter lacks was not seen before it was made either."""
        return self._complete

    def mark_complete(self) -> None:
        """Says so, over restarts: all that was seen before has been added."""
        self._complete = True
        self._mark.touch()

    def add(self, key: bytes) -> None:
        self._try()
        if self._count >= self.capacity:
            self._rotate()
        self._filters[max(self._filters)].add(key)
        self._count += 1
        if self._count % 256 == 0:
            self._write_count()

    @property
    def fill(self) -> float:
        """How full the newest generation is, 0 to 1."""
        return self._count / self.capacity

    @property
    def keys(self) -> int:
        """Keys in all generations: those before the newest are full."""
        return (self.living - 1) * self.capacity + self._count

    @property
    def living(self) -> int:
        """How many generations there are."""
        return len(self._filters)

    @property
    def false_rate(self) -> float:
        """The share of random keys that were said to be seen, of one tried at each addition since the newest generation
        began or the file was opened. 0 to 1; 0 before the first."""
        return self._wrong / self._tried if self._tried else 0.0

    def close(self) -> None:
        self._write_count()
        for bloom in self._filters.values():
            bloom.close()

    def _try(self) -> None:
        """Nobody has added a key drawn by lot: if it is said to be seen, that is wrong."""
        self._wrong += os.urandom(KEY_BYTES) in self
        self._tried += 1

    def _rotate(self) -> None:
        newest = max(self._filters) + 1
        self._filters[newest] = self._open(newest)
        self._count = self._tried = self._wrong = 0
        self._write_count()
        for number in sorted(self._filters)[: -self.generations]:
            self._filters.pop(number).close()
            self._path(number).unlink(missing_ok=True)

    def _open(self, number: int) -> BloomFilter:
        return BloomFilter(
            self.capacity, self.error_rate, probe_bitnoer=_probes, filename=(str(self._path(number)), -1)
        )

    def _path(self, number: int) -> Path:
        return self.folder / f"{self._stem}-{number}.bloom"

    def _numbers(self) -> list[int]:
        pattern = re.compile(re.escape(self._stem) + r"-(\d+)\.bloom")
        found = (pattern.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(match[1]) for match in found if match)[-self.generations :]

    def _drop_others(self, numbers: list[int]) -> None:
        """Filters with other parameters are of no use any more, nor is what is said of one that is not there."""
        for path in self.folder.glob("seen-*"):
            if not numbers or not path.name.startswith((f"{self._stem}-", f"{self._stem}.")):
                path.unlink(missing_ok=True)

    @property
    def _mark(self) -> Path:
        return self.folder / f"{self._stem}.complete"

    def _read_count(self) -> int:
        """Additions to the newest generation; after a kill up to 256 of them may not be counted, which only fills it
        a little over its capacity."""
        path = self.folder / f"{self._stem}.{_COUNT}"
        return int(path.read_text() or 0) if path.exists() else 0

    def _write_count(self) -> None:
        (self.folder / f"{self._stem}.{_COUNT}").write_text(str(self._count))


def drop_folders(folder: Path, kept: str) -> None:
    """Removes the folders in this one whose names do not match; a process that has one of them open may go on."""
    for path in folder.glob("*"):
        if not fnmatch(path.name, kept):
            shutil.rmtree(path, ignore_errors=True)
