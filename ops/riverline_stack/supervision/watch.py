"""Watches over the supervisor, as the supervisor watches over it: `python -m riverline_stack.supervision.watch NIMBUS
[LEASE]`.

When the supervisor dies without having been told to, it is started again, and takes over the programs, which ran on.
When the process LEASE ends, the stack goes down: no test run leaves servers behind, however it ends. Meanwhile it looks
now and then at what processor time each program took (ops/riverline_stack/supervision/usage.py), at whether the Nimbus
at the address NIMBUS leads (ops/riverline_stack/leadership.py), and does for programs without rights what takes the
rights of who started the stack (ops/riverline_stack/supervision/errands.py).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from riverline_stack.leadership import Leadership
from riverline_stack.supervision.errands import Errands
from riverline_stack.supervision.processes import HOME_MARK, PROGRAM_MARK
from riverline_stack.supervision.usage import EVERY, UsageRecorder

LOOK = 10.0  # seconds between two looks; what is dearer is looked at every third time


def main() -> None:
    nimbus, lease = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None
    supervisor, home = os.getppid(), Path(os.environ[HOME_MARK])
    recorder, leadership, errands = UsageRecorder(home), Leadership(home, nimbus), Errands(home)
    turns = itertools.cycle(range(round(EVERY / LOOK)))

    def look() -> None:
        errands.look()
        if next(turns) == 0:
            recorder.take()
            leadership.look()

    if first_to_end([supervisor, *([lease] if lease else [])], look, LOOK) == supervisor:
        revive()
    else:
        bring_down()


def revive() -> None:
    """Starts another supervisor. The imports come late: as long as nothing happens this process stays small."""
    from riverline.settings import Settings
    from riverline_stack.supervision import lifecycle

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    lifecycle.revive(Settings.load())


def bring_down() -> None:
    """Brings the stack down from outside of it: this process, and the pipe it writes to, will end on the way."""
    outside = {name: value for name, value in os.environ.items() if name not in (HOME_MARK, PROGRAM_MARK)}
    command = [sys.executable, "-m", "riverline_commands.main", "stack", "down"]
    with (Path(os.environ[HOME_MARK]) / "logs" / "down.log").open("a") as log:
        subprocess.Popen(command, env=outside, stdout=log, stderr=log, start_new_session=True)
    signal.pause()


def first_to_end(pids: list[int], meanwhile: Callable[[], None], every: float) -> int:
    """Waits until one of the processes has ended: its number. Does something at once, and then each so many seconds."""
    watched = {}
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            watched[os.pidfd_open(pid)] = pid
    missing = set(pids) - set(watched.values())
    if missing:
        return missing.pop()
    while True:
        meanwhile()
        if ready := select.select(list(watched), [], [], every)[0]:
            return watched[ready[0]]


if __name__ == "__main__":
    main()
