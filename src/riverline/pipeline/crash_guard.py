"""Which record a process was working on when it died.

A page that crashes its process is received again after the restart, and again. What is being worked on is therefore
written down beside it, and a record over which processes have died several times is not begun once more.

A process takes its neighbours with it (they share Storm's worker), and what those worked on is written down, too. So a
record over which a process died once is worked on alone from then on, on its host: the next death accuses no other.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEATHS = 3  # over one record; a kill from outside may hit any record once, hardly the same one thrice
KEPT = 1000  # records over which a process died, the latest ones
WIDTH = 512  # bytes of the note
BESIDE, ALONE = "beside ", "alone "  # what a note begins with: whether others were worked on at the same time
PAUSE = 0.01  # seconds between two looks at a lock


class Room:
    """Where processes of a host work at the same time, or one of them alone. A process that dies has left."""

    def __init__(self, folder: Path) -> None:
        # whoever wants to be alone holds the door, so that nobody enters while the others leave
        self._door, self._room = (os.open(folder / name, os.O_RDWR | os.O_CREAT) for name in ("door", "room"))

    def enter(self, alone: bool) -> None:
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        _lock(self._door, kind)
        _lock(self._room, kind)
        fcntl.flock(self._door, fcntl.LOCK_UN)

    def leave(self) -> None:
        fcntl.flock(self._room, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._door)
        os.close(self._room)


class CrashGuard:
    """One file of one process; what died is known to all processes of its folder. What is written survives the
    process, not a crash of the machine."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._deaths_file = path.parent / "deaths"
        self._known: tuple[int, int] | None = None
        self._deaths: dict[str, int] = {}
        self._room = Room(path.parent)
        self._note = os.open(path, os.O_RDWR | os.O_CREAT)
        if left := os.pread(self._note, WIDTH, 0).rstrip(b"\0").decode(errors="replace"):
            self._count(left)
            self._write("")

    def begin(self, name: str) -> bool:
        """Notes that work on a record begins; False if it has killed its process too often. Waits where this record, or
        the one that is worked on, has to be alone."""
        self._learn()
        deaths = self._deaths.get(name, 0)
        if deaths >= DEATHS:
            return False
        self._room.enter(alone=deaths > 0)
        self._write((ALONE if deaths else BESIDE) + name)
        return True

    def end(self) -> None:
        if self._note >= 0:
            self._write("")
            self._room.leave()

    def close(self) -> None:
        if self._note >= 0:
            os.close(self._note)
            self._room.close()
            self._note = -1

    def _write(self, note: str) -> None:
        os.pwrite(self._note, note.encode()[:WIDTH].ljust(WIDTH, b"\0"), 0)

    def _count(self, note: str) -> None:
        """One more death over the record of a note. However often it was not alone, that counts once."""
        alone, name = note.startswith(ALONE), note.removeprefix(ALONE).removeprefix(BESIDE)
        with _held(self._deaths_file.parent):
            self._learn()
            before = self._deaths.pop(name, 0)
            deaths = before + 1 if alone else max(before, 1)
            kept = dict([*self._deaths.items(), (name, deaths)][-KEPT:])
            new = self._deaths_file.with_suffix(".new")
            new.write_text(json.dumps(kept))
            new.replace(self._deaths_file)
        self._learn()

    def _learn(self) -> None:
        """Reads what others have counted since."""
        try:
            state = self._deaths_file.stat()
        except OSError:
            return
        if (known := (state.st_ino, state.st_mtime_ns)) != self._known:
            self._known, self._deaths = known, _read(self._deaths_file)


def _read(path: Path) -> dict[str, int]:
    try:
        return {str(name): int(count) for name, count in json.loads(path.read_text()).items()}
    except (OSError, ValueError):
        return {}


def _lock(descriptor: int, kind: int) -> None:
    while True:
        try:
            return fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """One process at a time."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
