"""What the watch does for programs that run without rights: it tells how the others are, and makes their backups.

They may ask for no more than these two, and give neither a name nor an argument with it.
"""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

from riverline.adapters import backup_wish, program_states, supervisor
from riverline.errors import Transient

SECONDS = 3.0  # for the supervisor's answer


class Errands:
    """Those of the stack at that home. `backup`: the command that makes one; what it says goes to the watch's log."""

    def __init__(self, home: Path, backup: tuple[str, ...] = backup_wish.COMMAND) -> None:
        self._home, self._command = home, backup
        self._backup: subprocess.Popen[bytes] | None = None

    def look(self) -> None:
        """Writes how the programs are, and begins a backup where one is wished for and none is being made."""
        with suppress(Transient, supervisor.Fault, OSError):  # its next look is soon
            program_states.write(self._home, supervisor.call(self._home, "getAllProcessInfo", timeout=SECONDS))
        if (self._backup is None or self._backup.poll() is not None) and backup_wish.taken(self._home):
            self._backup = subprocess.Popen(self._command)
