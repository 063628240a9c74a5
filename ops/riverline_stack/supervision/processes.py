"""Which processes belong to a stack.

Every program of a stack is started with two marks in its environment, which its children inherit: the stack's home and
the program's name. Where they are not to be seen (Redis and nginx write their titles over them; another user's process
hides them in a container without CAP_SYS_PTRACE), the process group tells: each program leads one of its own, whose
number is in its process file.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

HOME_MARK = "STACK_HOME"  # not RIVERLINE_...: those are settings
PROGRAM_MARK = "STACK_PROGRAM"
START_TOLERANCE = 2.0  # seconds: the start time that was written down, and the kernel's


def marks(home: Path, program: str) -> dict[str, str]:
    """The environment of a program that makes it known as the stack's."""
    return {HOME_MARK: str(home), PROGRAM_MARK: program}


def process_file(home: Path, program: str) -> Path:
    return home / "run" / f"{program}.process"


@dataclass(frozen=True)
class Recorded:
    """The main process of a program as its start wrote it down: `pid started version`."""

    pid: int
    started: float  # seconds since 1970
    version: str = "-"

    @classmethod
    def read(cls, home: Path, program: str) -> Recorded | None:
        """None when there is no such note, or a broken one."""
        try:
            pid, started, version = process_file(home, program).read_text().split()
            return cls(int(pid), float(started), version)
        except (OSError, ValueError):
            return None

    def write(self, home: Path, program: str) -> None:
        target = process_file(home, program)
        draft = target.with_suffix(".draft")
        draft.write_text(f"{self.pid} {self.started} {self.version}")
        draft.replace(target)

    def process(self) -> psutil.Process | None:
        """The process itself, while it lives; never another one that got its number."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < START_TOLERANCE
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


def owned(home: Path, program: str | None = None) -> list[psutil.Process]:
    """The living processes of a stack, or of one program of it, children included; never the caller itself."""
    groups = _groups(home)
    found = []
    for process in psutil.process_iter():
        if process.pid != os.getpid() and (name := _program_of(process, home, groups)) and program in (None, name):
            found.append(process)
    return found


def programs_of(processes: Iterable[psutil.Process], home: Path) -> dict[int, str]:
    """The program that each process belongs to, by process id."""
    groups = _groups(home)
    return {process.pid: name for process in processes if (name := _program_of(process, home, groups))}


def end(processes: list[psutil.Process], patience: float = 5.0) -> None:
    """Asks the processes to end, and kills those that have not after `patience` seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        _, processes = psutil.wait_procs(processes, timeout=patience)
        if not processes:
            return


def wait_until_gone(home: Path, seconds: float) -> list[psutil.Process]:
    """What is still there of the stack after at most `seconds`."""
    deadline = time.monotonic() + seconds
    while (left := owned(home)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


Groups = dict[int, tuple[str, float]]  # by number: the program, and when its main process started


def _groups(home: Path) -> Groups:
    """The process groups that the process files name."""
    files = (home / "run").glob("*.process")
    notes = {file.stem: Recorded.read(home, file.stem) for file in files}
    return {note.pid: (name, note.started) for name, note in notes.items() if note}


def _program_of(process: psutil.Process, home: Path, groups: Groups) -> str | None:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        program, started = groups.get(os.getpgid(process.pid), (None, 0.0))
        if program and process.create_time() > started - START_TOLERANCE:
            return program
        environment = process.environ()
    except (psutil.Error, OSError):
        return None
    return environment.get(PROGRAM_MARK) if environment.get(HOME_MARK) == str(home) else None
