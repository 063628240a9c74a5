"""The logs of this host's workers: which there are, parts of them, and where a word stands in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from riverline.errors import Invalid

PART = 51_200  # bytes that are shown at once
MOST_PART = 1_048_576
BEFORE = 128  # bytes of context on each side of a match, as in Storm's log viewer
MOST_MATCHES = 1000
BLOCK = 1 << 20  # bytes that are searched at once


def path_of(topology_id: str, port: int) -> str:
    """The name of a worker's log below the workers' folder."""
    return f"{topology_id}/{port}/worker.log"


@dataclass(frozen=True)
class LogLinks:
    """Where the logs of workers are shown: by the program on their own host."""

    ui_port: int

    def of(self, host: str, port: int, topology_id: str) -> str:
        return f"http://{host}:{self.ui_port}/logviewer?file={quote(path_of(topology_id, port), safe='')}"


@dataclass(frozen=True)
class LogPart:
    """Bytes `start` to `start + len(text)` of a log of `size` bytes, as text; what is no UTF-8 is replaced."""

    file: str
    size: int
    start: int
    end: int
    text: str


class WorkerLogs:
    """The files `TOPOLOGY/PORT/NAME` below a folder. Nothing else is shown."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """All of them, those of the newest topology last."""
        found = (path for path in self._folder.glob("*/*/*") if path.is_file() and ".log" in path.name)
        return sorted(str(path.relative_to(self._folder)) for path in found)

    def path(self, file: str) -> Path:
        """Raises Invalid where the name is not one of a worker's log that is there."""
        path = self._folder / file
        parts = Path(file).parts
        inside = len(parts) == 3 and ".." not in parts and file.isprintable() and ".log" in parts[2]
        if not inside or not path.resolve().is_relative_to(self._folder.resolve()) or not path.is_file():
            raise Invalid(f"there is no log {file} on this host")
        return path

    def part(self, file: str, start: int | None, length: int = PART) -> LogPart:
        """From `start` on; without one, the last. Raises Invalid."""
        path = self.path(file)
        size, length = path.stat().st_size, max(1, min(length, MOST_PART))
        first = max(0, size - length) if start is None else max(0, min(start, size))
        with path.open("rb") as log:
            log.seek(first)
            found = log.read(length)
        return LogPart(file, size, first, first + len(found), found.decode("utf-8", "replace"))

    def search(self, file: str, wanted: str, offset: int = 0, most: int = 10) -> dict[str, Any]:
        """Storm's form of a search: the places of `wanted`, in bytes, from `offset` on. Raises Invalid."""
        if not wanted or len(wanted.encode()) > 1024:
            raise Invalid("search-string is a text of 1 to 1024 bytes")
        path, most = self.path(file), max(1, min(most, MOST_MATCHES))
        size = path.stat().st_size
        matches: list[dict[str, Any]] = []
        following = None
        for place in _places(path, wanted.encode(), offset):
            if len(matches) == most:
                following = place
                break
            matches.append(_match(path, wanted.encode(), place))
        told = {"searchString": wanted, "startByteOffset": offset, "numMatches": len(matches), "matches": matches}
        return {"isDaemon": "no", "file": file, "fileSize": size, **told, "nextByteOffset": following}


def _places(path: Path, wanted: bytes, offset: int) -> Iterator[int]:
    """Where `wanted` begins in a file, block by block: a log is never in memory as a whole."""
    with path.open("rb") as log:
        first, kept = max(0, offset), b""
        log.seek(first)
        while block := log.read(BLOCK):
            window, found = kept + block, -1
            while (found := window.find(wanted, found + 1)) >= 0:
                yield first - len(kept) + found
            first += len(block)
            kept = window[-(len(wanted) - 1) :] if len(wanted) > 1 else b""


def _match(path: Path, wanted: bytes, place: int) -> dict[str, Any]:
    before = min(BEFORE, place)
    with path.open("rb") as log:
        log.seek(place - before, os.SEEK_SET)
        around = log.read(before + len(wanted) + BEFORE)
    return {
        "byteOffset": place,
        "beforeString": around[:before].decode("utf-8", "replace"),
        "matchString": wanted.decode(),
        "afterString": around[before + len(wanted) :].decode("utf-8", "replace"),
    }
