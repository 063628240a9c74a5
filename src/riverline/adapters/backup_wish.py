"""A wish for a backup, which Celery's worker leaves in its folder and the local stack's watch fulfils.

A backup takes the rights of who started the stack: it reads every server's data. The worker has none of them where it
runs as an account of its own. A file that is there is all that the wish says.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

# What makes one, for who has the rights: the worker itself, else the watch.
COMMAND = (sys.executable, "-m", "riverline_commands.main", "backup", "create", "--scheduled")


def is_needed(home: Path) -> bool:
    """Whether this process may not read what a backup holds: the home is another account's."""
    return os.geteuid() not in (0, home.stat().st_uid)


def leave(home: Path) -> None:
    """Asks for one. Raises OSError."""
    _file(home).touch()


def taken(home: Path) -> bool:
    """Whether one was asked for; it is forgotten then."""
    try:
        _file(home).unlink()
    except OSError:
        return False
    return True


def _file(home: Path) -> Path:
    return home / "celery" / "backup-wanted"
