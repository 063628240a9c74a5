"""Watches over the supervisor, as the supervisor watches over it: `python -m stack.watch [LEASE]`.

When the supervisor dies without having been told to, it is started again, and takes over the programs, which ran on.
When the process LEASE ends, the stack goes down: no test run leaves servers behind, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

HOME_MARK, PROGRAM_MARK = (
    "STACK_HOME",
    "STACK_PROGRAM",
)  # as in stack/processes.py, which imports more than is needed here


def main() -> None:
    lease = int(sys.argv[1]) if len(sys.argv) > 1 else None
    supervisor = os.getppid()
    if first_to_end([supervisor, *([lease] if lease else [])]) == supervisor:
        revive()
    else:
        bring_down()


def revive() -> None:
    """Starts another supervisor. The imports come late: as long as nothing happens this process stays small."""
    from riverline.settings import Settings
    from stack import lifecycle

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    lifecycle.revive(Settings.load())


def bring_down() -> None:
    """Brings the stack down from outside of it: this process, and the pipe it writes to, will end on the way."""
    outside = {name: value for name, value in os.environ.items() if name not in (HOME_MARK, PROGRAM_MARK)}
    command = [sys.executable, "-m", "commands.main", "stack", "down"]
    with (Path(os.environ[HOME_MARK]) / "logs" / "down.log").open("a") as log:
        subprocess.Popen(command, env=outside, stdout=log, stderr=log, start_new_session=True)
    signal.pause()


def first_to_end(pids: list[int]) -> int:
    """Waits until one of the processes has ended: its number."""
    watched = {}
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            watched[os.pidfd_open(pid)] = pid
    missing = set(pids) - set(watched.values())
    if missing:
        return missing.pop()
    ready, _, _ = select.select(list(watched), [], [])
    return watched[ready[0]]


if __name__ == "__main__":
    main()
