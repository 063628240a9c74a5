"""Starts a program under the supervisor: `python -m riverline_stack.supervision.launch SPEC`.

A program may have outlived its supervisor; then it is taken over: this process stays, passes signals on, and ends when
the program does. What a dead program has left behind (nginx's or Celery's children, which hold its port or its work) is
ended first, where there is a note of an earlier start. Then the program takes this process's place, so that the
supervisor holds the program itself; later each time that it ended soon after its start.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from riverline.errors import Fatal
from riverline_stack.supervision.accounts import environment_of, lowered, uid_of
from riverline_stack.supervision.back_off import back_off
from riverline_stack.supervision.processes import HOME_MARK, Recorded, end, owned

SETTING = "RIVERLINE_"  # what settings' names begin with; riverline.settings itself takes long to import


def main() -> None:
    spec = json.loads(Path(sys.argv[1]).read_text())
    home, name = Path(os.environ[HOME_MARK]), spec["name"]
    recorded = Recorded.read(home, name)
    survivor = recorded.process() if recorded else None
    if survivor:
        sys.exit(take_over(survivor, spec))
    if recorded and not spec["leaves_children"]:
        end(owned(home, name))
    rights = given_up(spec)  # and what it owns is given to its account: nobody else writes there any more
    if recorded and spec["leaves_children"] and rights:  # it could not take over what an earlier version left to root
        end([child for child in owned(home, name) if child.uids().real != uid_of(spec["account"])])
    Recorded(os.getpid(), psutil.Process().create_time(), spec["version"] or "-").write(home, name)
    back_off(home, name, spec["version"])
    run(spec, rights)


def given_up(spec: dict[str, Any]) -> list[str]:
    """What the command begins with to run as its account; nothing where that cannot be, which the log says then."""
    if not spec.get("account"):  # or its specification is of an earlier version, whose supervisor still runs
        return []
    try:
        return lowered(spec["account"], [*map(Path, spec["own"])], [*map(Path, spec["reads"])])
    except Fatal as error:
        print(f"{spec['name']} runs as root: {error}", file=sys.stderr, flush=True)
        return []


def run(spec: dict[str, Any], rights: list[str]) -> None:
    """Becomes the program. Never returns."""
    os.chdir(spec["directory"])
    command = [*rights, *spec["command"]]
    account = environment_of(spec["account"]) if rights else {}
    os.execvpe(command[0], command, {**inherited(spec), **account, **spec["environment"]})


def inherited(spec: dict[str, Any]) -> dict[str, str]:
    """The supervisor's environment with the settings of now: its own are those that there were when it began."""
    if "settings" not in spec:  # it is of an earlier version
        return dict(os.environ)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTING)}
    return {**kept, **spec["settings"]}


def take_over(survivor: psutil.Process, spec: dict[str, Any]) -> int:
    """Stands for a program that runs already, until it ends. The exit code is 0 when it was told to end."""
    told: list[float] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        told.append(time.monotonic())
        survivor.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, pass_on)
    print(f"{spec['name']} is already running as process {survivor.pid}: taken over", file=sys.stderr, flush=True)
    descriptor = os.pidfd_open(survivor.pid)
    while not select.select([descriptor], [], [], 0.5)[0]:
        if told and time.monotonic() - told[0] > spec["stop_seconds"] - 1:
            survivor.kill()
    return 0 if told else 1


if __name__ == "__main__":
    main()
