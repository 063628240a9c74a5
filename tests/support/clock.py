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
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE)], check=True)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self._offset)}

    def set(self, ahead: int) -> None:
        """So many seconds ahead of the machine's clock, at once."""
        with self._offset.open("r+b" if self._offset.exists() else "wb", buffering=0) as file:
            file.write(struct.pack("q", ahead))

    def end(self) -> None:
        shutil.rmtree(self._folder)
