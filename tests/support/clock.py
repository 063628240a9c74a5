"""A wall clock for programs that can be set while they run (`clock.c`).

libfaketime does not do here: Redis's allocator asks for the time while it is loaded, and its shared memory cannot be
opened by a program that has changed its user.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


class Clock:
    """Starts without an offset. Whatever is started with `environment` follows it, its children too."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="riverline-clock-"))
        self._folder.chmod(0o755)  # servers read it as another user
        self._offset = self._folder / "offset"
        self.set(0)
        library = self._folder / "clock.so"
        compiled(library)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self._offset)}

    def set(self, ahead: int) -> None:
        """So many seconds ahead of the machine's clock, at once."""
        write_offset(self._offset, ahead)

    def end(self) -> None:
        shutil.rmtree(self._folder)


def compiled(library: Path, offset: str = "") -> None:
    """The library; it reads the offset from that file where the environment names none."""
    named = [f'-DCLOCK_OFFSET_FILE="{offset}"'] if offset else []
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", *named, "-o", str(library), str(SOURCE)], check=True)


def write_offset(file: Path, ahead: int) -> None:
    """In place: programs have mapped the file."""
    with file.open("r+b" if file.exists() else "wb", buffering=0) as opened:
        opened.write(struct.pack("q", ahead))
