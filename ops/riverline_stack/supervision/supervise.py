"""The process supervisor: its configuration, its start, and the switch by which programs are started and stopped.

It listens on a socket in the home, which only the account that runs the stack may open.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil

from riverline.adapters import program_states, supervisor
from riverline.errors import Fatal, Transient
from riverline.retry import retried
from riverline.settings import ROOT, Settings
from riverline_stack.servers.credentials import write_private
from riverline_stack.supervision.processes import Recorded, end, marks, owned
from riverline_stack.supervision.program import Program
from riverline_stack.supervision.source_digest import code_version

NAME = "supervisord"
WATCH = "watch"
OPEN_FILES = 65_536
KILLED = 10.0  # seconds in which a process is gone that was killed
LOG_BYTES, LOG_FILES = "20MB", 3
RETRIES = 1_000_000  # a program that dies is restarted without limit, a second later each time
# glibc gives threads heaps of their own, each of which keeps the most that it ever held. An interpreter runs one thread
# at a time: with two heaps it is smaller, and waits no longer. What is large (the table of a dictionary with thousands
# of keys, which is rebuilt now and then) comes from the system and goes back to it: by default glibc soon keeps such
# blocks in its heaps, between small ones, and a process swings by several MiB.
MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": str(256 << 10), "MALLOC_TRIM_THRESHOLD_": str(1 << 20)}
UNKNOWN, NOT_RUNNING, ALREADY = 10, 70, 60  # faults of the supervisor's interface


@dataclass(frozen=True)
class ProgramState:
    """A program's state according to the supervisor."""

    name: str
    state: str  # RUNNING, STOPPED, BACKOFF, ...
    pid: int
    since: int  # seconds since 1970
    said: str


def run_folder(settings: Settings) -> Path:
    return settings.home / "run"


def logs_folder(settings: Settings) -> Path:
    return settings.home / "logs"


def log_of(settings: Settings, name: str) -> Path:
    return logs_folder(settings) / f"{name}.log"


def base_environment(settings: Settings) -> dict[str, str]:
    """What every program of the stack finds in its environment; nothing else of the user's shell reaches them."""
    here = Path(sys.executable).parent
    system = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    # without what `source .riverline/env` adds: in such a shell programs are the same, and `make up` leaves them alone
    shell = [part for part in os.environ.get("PATH", "").split(":") if not Path(part).is_relative_to(ROOT)]
    path = dict.fromkeys([str(here), *shell, *system])
    kept = {name: os.environ[name] for name in ("HOME", "USER", "JAVA_HOME", "TZ") if name in os.environ}
    own = {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PATH": ":".join(part for part in path if part)}
    return kept | own | MEMORY | settings.environment()


def render(settings: Settings, programs: Iterable[Program], lease: int | None = None) -> Path:
    """Writes the supervisor's configuration and a specification for each program's start.

    `lease` is a process; when it ends, the stack goes down.
    """
    folder = run_folder(settings)
    for path in (folder, logs_folder(settings), program_states.folder(settings.home)):
        path.mkdir(parents=True, exist_ok=True)
    sections = [_supervisor_section(settings), _watch_section(settings, lease)]
    for program in programs:
        write_private(folder / f"{program.name}.json", json.dumps(specification(settings, program), indent=1))
        sections.append(_program_section(settings, program))
    configuration = folder / "supervisord.conf"
    write_private(configuration, "\n".join(sections))
    return configuration


def specification(settings: Settings, program: Program) -> dict[str, Any]:
    """What ops/riverline_stack/supervision/launch.py needs to know."""
    return {
        "name": program.name,
        "command": program.command,
        "directory": str(program.directory or ROOT),
        "settings": settings.environment(),
        "environment": program.environment,
        "account": program.account,
        "own": list(map(str, program.own)),
        "reads": list(map(str, program.reads)),
        "stop_seconds": program.stop_seconds,
        "leaves_children": program.leaves_children,
        "version": version(settings, program),
    }


def version(settings: Settings, program: Program) -> str:
    """Changes with whatever the program was started from: its command, the settings, the stack's own code."""
    # by its name or by default, as in a shell with `.riverline/env` and in another: the folder is the same
    topology = settings.topology.model_copy(update={"state": settings.state})
    parts = [
        repr(program.command),
        repr(program.environment),
        repr((program.account, program.own)),
        program.version,
        settings.model_copy(update={"topology": topology}).model_dump_json(include=_read_by(program)),
        _own_code(),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@cache
def _own_code() -> str:
    return code_version("ops/riverline_stack")


def _read_by(program: Program) -> set[str] | None:
    return None if program.settings is None else {"home", *program.settings}


def _supervisor_section(settings: Settings) -> str:
    folder = run_folder(settings)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    return f"""[supervisord]
pidfile={_escaped(folder)}/supervisord.pid
logfile={_escaped(log_of(settings, NAME))}
logfile_maxbytes={LOG_BYTES}
logfile_backups={LOG_FILES}
childlogdir={_escaped(logs_folder(settings))}
minfds={files}
umask=077
{"user=root" if os.geteuid() == 0 else ""}

[unix_http_server]
file=/proc/self/cwd/{supervisor.SOCKET}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""


def _watch_section(settings: Settings, lease: int | None) -> str:
    command = [
        sys.executable,
        "-m",
        "riverline_stack.supervision.watch",
        settings.storm.nimbus,
        *([str(lease)] if lease else []),
    ]
    # Of another version it is another one, which a supervisor that runs on starts in its place.
    code = {"STACK_CODE": code_version("ops/riverline_stack/supervision")}
    return _section(settings, WATCH, command, "autostart=true", "stopwaitsecs=5", more_marks=code)


def _program_section(settings: Settings, program: Program) -> str:
    command = [
        sys.executable,
        "-m",
        "riverline_stack.supervision.launch",
        str(run_folder(settings) / f"{program.name}.json"),
    ]
    stop = (f"stopsignal={program.stop_signal}", f"stopwaitsecs={program.stop_seconds}", "killasgroup=true")
    return _section(settings, program.name, command, "autostart=false", *stop)


def _section(
    settings: Settings, name: str, command: list[str], *more: str, more_marks: Mapping[str, str] = MappingProxyType({})
) -> str:
    environment = ",".join(f'{key}="{value}"' for key, value in {**marks(settings.home, name), **more_marks}.items())
    return "\n".join(
        (
            f"[program:{name}]",
            f"command={_escaped(shlex.join(command))}",
            f"directory={_escaped(ROOT)}",
            f"environment={_escaped(environment)}",
            "autorestart=true",
            f"startretries={RETRIES}",
            "redirect_stderr=true",
            f"stdout_logfile={_escaped(log_of(settings, name))}",
            f"stdout_logfile_maxbytes={LOG_BYTES}",
            f"stdout_logfile_backups={LOG_FILES}",
            *more,
            "",
        )
    )


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")


class Supervisor:
    """The running supervisor of a stack. Its calls raise Transient when it is away."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def answers(self) -> bool:
        """Whether it runs, and answers."""
        recorded = Recorded.read(self.settings.home, NAME)
        if not (recorded and recorded.process()):
            return False
        try:
            return bool(self._call("getPID") == recorded.pid)
        except Transient:
            return False

    def begin(self, configuration: Path, seconds: float = 30) -> None:
        """Starts it in the background. Raises Fatal with its last words when it does not come."""
        command = [sys.executable, "-m", "riverline_stack.supervision.supervisord", "-c", str(configuration)]
        environment = base_environment(self.settings) | marks(self.settings.home, NAME)
        folder = run_folder(self.settings)  # its socket is named from there
        run = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
        if run.returncode != 0:
            raise Fatal(f"the process supervisor did not start: {(run.stderr or run.stdout).strip()[-500:]}")
        self._record(seconds)

    def _record(self, seconds: float) -> None:
        def record() -> None:
            pid = int(self._call("getPID"))
            Recorded(pid, psutil.Process(pid).create_time()).write(self.settings.home, NAME)

        try:
            retried(record, (Transient, psutil.Error), pause=0.1, seconds=seconds)
        except (Transient, psutil.Error) as error:
            raise Fatal(f"the process supervisor does not answer; see {log_of(self.settings, NAME)}") from error

    def states(self) -> dict[str, ProgramState]:
        found = [
            ProgramState(entry["name"], entry["statename"], entry["pid"], entry["start"], entry["spawnerr"])
            for entry in self._call("getAllProcessInfo")
        ]
        return {state.name: state for state in found}

    def start(self, name: str) -> None:
        """Tells it to start; does nothing where it runs."""
        self._call("startProcess", name, False, forgive=(ALREADY,))

    def stop(self, name: str) -> None:
        """Stops it and waits until it has."""
        self._call("stopProcess", name, True, forgive=(NOT_RUNNING, UNKNOWN))

    def kill(self, name: str) -> None:
        """Ends it without its own doing, which a frozen program would be waited for, and waits until it has."""
        self._call("stopProcess", name, False, forgive=(NOT_RUNNING, UNKNOWN))
        end(owned(self.settings.home, name), 0.5)
        deadline = time.monotonic() + KILLED
        while (state := self.states().get(name)) and state.state == "STOPPING":
            end(owned(self.settings.home, name), 0.5)  # it may have been starting: so early it is nobody's process
            if time.monotonic() > deadline:
                raise Transient(f"{name} has not ended, although it was killed")
            time.sleep(0.05)

    def reload(self) -> None:
        """Takes up a changed configuration: programs that are gone or changed are stopped, new ones stay stopped."""
        ((added, changed, removed),) = self._call("reloadConfig")
        for name in (*removed, *changed):
            self._call("stopProcessGroup", name, True, forgive=(NOT_RUNNING,))
            self._call("removeProcessGroup", name)
        for name in (*changed, *added):
            self._call("addProcessGroup", name)

    def shutdown(self) -> None:
        self._call("shutdown")

    def _call(self, method: str, *arguments: Any, forgive: tuple[int, ...] = ()) -> Any:
        try:
            return supervisor.call(self.settings.home, method, *arguments)
        except supervisor.Fault as fault:
            if fault.faultCode in forgive:
                return None
            raise Transient(f"the supervisor refuses {method}{arguments}: {fault.faultString}") from fault
