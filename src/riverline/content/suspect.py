"""Which record a process was working on when it died.

A page that takes its process down is met again after the restart, and again. What is being worked on is therefore
written down beside it, and a record over which the process has died several times is not begun once more.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

DEATHS = 3  # over one record; a kill from outside may hit any record once, hardly the same one thrice
WIDTH = 512  # bytes of the note


class Suspect:
    """One file of one process. What is written survives the process, not a crash of the machine."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._deaths_file = path.with_suffix(".deaths")
        self._deaths: dict[str, int] = _read(self._deaths_file)
        self._note = os.open(path, os.O_RDWR | os.O_CREAT)
        if left := os.pread(self._note, WIDTH, 0).rstrip(b"\0").decode():
            self._deaths = {left: self._deaths.get(left, 0) + 1}
            self._deaths_file.write_text(json.dumps(self._deaths))
            self.end()

    def begin(self, name: str) -> bool:
        """Notes that work on a record begins; False if it has killed the process too often."""
        if self._deaths.get(name, 0) >= DEATHS:
            return False
        os.pwrite(self._note, name.encode()[:WIDTH].ljust(WIDTH, b"\0"), 0)
        return True

    def end(self) -> None:
        os.pwrite(self._note, b"\0" * WIDTH, 0)

    def close(self) -> None:
        os.close(self._note)


def _read(path: Path) -> dict[str, int]:
    try:
        return {str(name): int(count) for name, count in json.loads(path.read_text()).items()}
    except (OSError, ValueError):
        return {}
