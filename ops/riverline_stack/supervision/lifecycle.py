"""Starts and stops the stack, and reports its state. Each of these may be called again at any time."""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import psutil

from riverline.adapters import program_states
from riverline.errors import Fatal, Transient
from riverline.secret_files import SECRETS
from riverline.settings import Settings
from riverline_stack.supervision import accounts, processes, usage
from riverline_stack.supervision.dependency_order import dependencies, in_order, reversed_
from riverline_stack.supervision.processes import Recorded
from riverline_stack.supervision.program import Program, Step
from riverline_stack.supervision.supervise import (
    NAME,
    WATCH,
    ProgramState,
    Supervisor,
    log_of,
    render,
    run_folder,
    version,
)

POLL = 0.2  # seconds between two looks at a program that is not ready
SUPERVISED = ("STARTING", "RUNNING", "BACKOFF")


class Progress(Protocol):
    """Where the lifecycle tells what it does."""

    def say(self, text: str) -> None:
        """One thing is done."""

    def waiting(self, name: str, why: str | None) -> None:
        """The program being waited for, and the reason why it is not ready; None when the wait is over."""


@contextlib.contextmanager
def alone(settings: Settings, wait: bool = True) -> Iterator[None]:
    """One command at a time changes a stack. Raises Transient when it is another one's turn and `wait` is false."""
    folder = run_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Transient("another command is working on this stack") from None
        yield


def begin(settings: Settings, programs: Sequence[Program], lease: int | None = None) -> Supervisor:
    """The supervisor of the stack, running, and knowing these programs; none of them is started."""
    supervisor = Supervisor(settings)
    configuration = render(settings, programs, lease)
    keep_private(settings.home)
    if os.geteuid() == 0:
        accounts.share(settings.home / SECRETS)
        accounts.open_to(program_states.folder(settings.home), accounts.MONITOR, 0o750)
    if supervisor.answers():
        supervisor.reload()
    else:
        for name in (WATCH, NAME):
            processes.end(processes.owned(settings.home, name))
        supervisor.begin(configuration)
    return supervisor


def keep_private(home: Path) -> None:
    """Closes what the stack keeps to other accounts: earlier versions left it open. What programs make from now on is
    closed by their umask. Servers that run as another account than root have to pass through to their own folders."""
    as_root = os.geteuid() == 0
    shared = {SECRETS: 0o710, program_states.FOLDER: 0o750} if as_root else {}
    passed = dict.fromkeys(OF_SEVERAL, 0o711) if as_root else {}
    _allow(home, 0o711 if passed else 0o700)
    for name in (*DATA, *NOTES):
        folder = home / name
        if not folder.is_dir():
            continue
        _allow(folder, (passed | shared).get(name, 0o700))
        if name in OF_SEVERAL:
            for one in folder.iterdir():
                _allow(one, 0o700 if one.is_dir() else 0o600)


def _allow(folder: Path, mode: int) -> None:
    if stat.S_IMODE(folder.stat().st_mode) != mode:
        folder.chmod(mode)


def start(settings: Settings, programs: Sequence[Program], progress: Progress, steps: Sequence[Step] = ()) -> None:
    """Starts the programs in their order and waits until each is ready; does the steps between them. Raises Fatal with
    what did not come up, when all that does not wait for it is done."""
    supervisor = Supervisor(settings)
    before = supervisor.states()
    acts: dict[str, Callable[[], object]] = {step.name: step.act for step in steps}
    for program in programs:
        acts[program.name] = partial(_start_one, settings, supervisor, program, before[program.name], progress)
    in_order(dependencies([*programs, *steps]), lambda name: acts[name]())


def restart(settings: Settings, programs: Sequence[Program], name: str, progress: Progress) -> None:
    """Stops a program, starts it and waits until it is ready; the others go on. Raises Fatal where it is none of the
    stack's, the stack is down, or it does not come up."""
    by_name = {program.name: program for program in programs}
    if name not in by_name:
        near = difflib.get_close_matches(name, by_name, 1)
        raise Fatal(f"there is no program {name}. Programs: {', '.join(sorted(near or by_name))}")
    with alone(settings):
        supervisor = Supervisor(settings)
        if not supervisor.answers():
            raise Fatal("the stack is down: `riverline stack up` starts it")
        progress.waiting(name, "stopping")
        supervisor.stop(name)
        processes.end(processes.owned(settings.home, name))
        _start_one(settings, supervisor, by_name[name], supervisor.states()[name], progress)


def _start_one(
    settings: Settings, supervisor: Supervisor, program: Program, before: ProgramState, progress: Progress
) -> None:
    began = time.monotonic()
    recorded = Recorded.read(settings.home, program.name)
    current = bool(recorded and recorded.process() and recorded.version == version(settings, program))
    runs = before.state in SUPERVISED
    if runs and not current:
        supervisor.stop(program.name)
    survives = bool(recorded and recorded.process())  # what else is left of it, its start ends
    if survives and not (current or program.leaves_children):
        processes.end(processes.owned(settings.home, program.name))
    supervisor.start(program.name)
    try:
        _wait_until_ready(settings, supervisor, program, progress)
        if program.settle:
            program.settle(supervisor)
    finally:
        progress.waiting(program.name, None)
    if not (runs and current):
        where = f" on {', '.join(program.addresses)}" if program.addresses else ""
        progress.say(f"{program.name} is ready{where} ({time.monotonic() - began:.1f} s)")


def _wait_until_ready(settings: Settings, supervisor: Supervisor, program: Program, progress: Progress) -> None:
    deadline = time.monotonic() + program.start_seconds
    while why := reason(program.ready):
        progress.waiting(program.name, why)
        if time.monotonic() > deadline:
            state = supervisor.states()[program.name]
            log = log_of(settings, program.name)
            raise Fatal(
                f"not ready after {program.start_seconds} s ({state.state}): {why}\n{_tail(log)}\nMore in {log}"
            )
        time.sleep(POLL)


def reason(ready: Callable[[], None]) -> str | None:
    """Why it is not ready, or None when it is."""
    try:
        ready()
    except (Transient, OSError) as error:
        return str(error)
    return None


def _tail(log: Path, lines: int = 15) -> str:
    with contextlib.suppress(OSError), log.open(errors="replace") as file:
        return "".join(f"  {line}" for line in file.readlines()[-lines:]).rstrip()
    return "  (no log)"


def down(settings: Settings, programs: Iterable[Program], progress: Progress) -> None:
    """Stops everything the stack started, dependants first. Raises Fatal with what is still there."""
    with alone(settings):
        supervisor = Supervisor(settings)
        if supervisor.answers():
            _stop_all(settings, supervisor, list(programs), progress)
        processes.end(processes.owned(settings.home))
        left = processes.wait_until_gone(settings.home, 10)
        for file in run_folder(settings).glob("*.process"):
            file.unlink()
    if left:
        raise Fatal("still running: " + ", ".join(f"{process.pid} ({process.name()})" for process in left))


def _stop_all(settings: Settings, supervisor: Supervisor, programs: list[Program], progress: Progress) -> None:
    supervisor.stop(WATCH)
    running = {name for name, state in supervisor.states().items() if state.state in SUPERVISED}
    graph = dependencies(programs)
    graph |= {name: set() for name in running - graph.keys()}

    def act(name: str) -> None:
        progress.waiting(name, "stopping")
        supervisor.stop(name)
        processes.end(processes.owned(settings.home, name))
        progress.waiting(name, None)
        progress.say(f"{name} is stopped")

    in_order(_only(reversed_(graph), running), act)
    supervisor.shutdown()
    recorded = Recorded.read(settings.home, NAME)
    process = recorded.process() if recorded else None
    if process:
        psutil.wait_procs([process], timeout=15)


def _only(graph: Mapping[str, set[str]], names: set[str]) -> dict[str, set[str]]:
    return {name: needs & names for name, needs in graph.items() if name in names}


def revive(settings: Settings) -> None:
    """After the supervisor's death: another one, which takes over what ran. Not while `up` or `down` is at work."""
    with contextlib.suppress(Transient), alone(settings, wait=False):
        supervisor = Supervisor(settings)
        supervisor.begin(run_folder(settings) / "supervisord.conf")
        for name in supervisor.states():
            if Recorded.read(settings.home, name):
                supervisor.start(name)


@dataclass(frozen=True)
class Row:
    """How one program is."""

    name: str
    state: str
    pid: int
    uptime: int  # seconds
    resident: int  # bytes, its children included; pages that processes share count for each
    processor: float | None  # its share of one core over the last minute, its children included; None: not known yet
    addresses: tuple[str, ...]
    ready: bool
    why: str  # it is not ready


def status(settings: Settings, programs: Sequence[Program]) -> list[Row]:
    """How each program is, the supervisor first; a stack that is down gives rows that say so."""
    supervisor = Supervisor(settings)
    states = supervisor.states() if supervisor.answers() else {}
    resident, processor = _resident(settings), usage.last_minute(settings.home)
    reasons = _reasons([program for program in programs if program.name in states])
    rows = [_supervisor_row(settings, resident, processor)]
    for program in programs:
        state = states.get(program.name)
        recorded = Recorded.read(settings.home, program.name)
        process = recorded.process() if recorded else None
        why = reasons.get(program.name, "the stack is down") if not process else reasons.get(program.name, "")
        rows.append(
            Row(
                program.name,
                state.state.lower() if state else "down",
                process.pid if process else 0,
                int(time.time() - process.create_time()) if process else 0,
                resident.get(program.name, 0),
                processor.get(program.name),
                program.addresses,
                bool(process) and not why,
                why,
            )
        )
    return rows


def _supervisor_row(settings: Settings, resident: Mapping[str, int], processor: Mapping[str, float]) -> Row:
    recorded = Recorded.read(settings.home, NAME)
    process = recorded.process() if recorded else None
    uptime = int(time.time() - process.create_time()) if process else 0
    own = resident.get(NAME, 0) + resident.get(WATCH, 0)
    spent = processor[NAME] + processor.get(WATCH, 0.0) if NAME in processor else None
    state, why = ("running", "") if process else ("down", "the stack is down")
    pid = process.pid if process else 0
    return Row(NAME, state, pid, uptime, own, spent, (), bool(process), why)


def _reasons(programs: Sequence[Program]) -> dict[str, str]:
    reasons: dict[str, str] = {}

    by_name = {program.name: program for program in programs}

    def act(name: str) -> None:
        why = reason(by_name[name].healthy or by_name[name].ready)
        if why:
            reasons[name] = why

    in_order({name: set() for name in by_name}, act)
    return reasons


def _resident(settings: Settings) -> dict[str, int]:
    found = processes.owned(settings.home)
    names = processes.programs_of(found, settings.home)
    sums: dict[str, int] = {}
    for process in found:
        with contextlib.suppress(psutil.Error, KeyError):
            name = names[process.pid]
            sums[name] = sums.get(name, 0) + process.memory_info().rss
    return sums


SERVERS = ("mysql", "redis", "kafka", "zookeeper", "storm", "elasticsearch", "nginx")
DATA = (*SERVERS, "api", "celery", "crawl", "monitor", "topology", "state")
NOTES = ("run", "logs", "secrets", "env", program_states.FOLDER)
OF_SEVERAL = ("mysql", "redis", "storm", "kafka")  # folders in it are each of the account that runs what writes it


def forget(settings: Settings) -> None:
    """Deletes data, logs and passwords; what was installed stays. Raises Fatal while something of the stack runs."""
    running = processes.owned(settings.home)
    if running:
        raise Fatal(f"{len(running)} processes of the stack are running; stop it first: make down")
    for name in (*DATA, *NOTES):
        path = settings.home / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
