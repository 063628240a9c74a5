"""One program without the stack's supervisor: another one, such as systemd, starts it and starts it again."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import NoReturn

import psutil

from riverline.errors import Fatal
from riverline.settings import ROOT, Settings
from riverline_stack.servers import servers
from riverline_stack.supervision.accounts import environment_of
from riverline_stack.supervision.back_off import back_off
from riverline_stack.supervision.launch import given_up
from riverline_stack.supervision.lifecycle import POLL, reason
from riverline_stack.supervision.program import Program
from riverline_stack.supervision.supervise import base_environment, specification

SELDOM = 2.0  # seconds between two looks at a program that has not been ready for long


class ExternallySupervised:
    """The switch of programs that another supervisor holds: nothing of the stack may stop or start them."""

    def stop(self, name: str) -> None:
        raise Fatal(f"{name} must be stopped and rebuilt; under systemd see docs/how-to/recover.md")

    start = kill = stop


def named(settings: Settings, name: str) -> Program:
    """The program of that name; its configuration is written on the way. Raises Fatal with the names that there are."""
    programs = {program.name: program for program in servers.programs(settings)}
    if name not in programs:
        raise Fatal(f"there is no program {name}; there are: {', '.join(sorted(programs))}")
    return programs[name]


def become(settings: Settings, name: str) -> NoReturn:
    """This process becomes the program, as the stack would start it: later, where it keeps ending soon."""
    program = named(settings, name)
    os.chdir(program.directory or ROOT)
    spec = specification(settings, program)
    rights = given_up(spec)
    account = environment_of(program.account) if rights else {}
    command = [*rights, *program.command]
    back_off(settings.home, name, spec["version"])
    os.execvpe(command[0], command, base_environment(settings) | account | program.environment)


def wait(settings: Settings, name: str, within: float) -> None:
    """Returns when the program is ready, and what has to be done after its start is done. Raises Fatal."""
    program, deadline = named(settings, name), time.monotonic() + within
    steps = [program.ready]
    if program.settle:
        steps.append(partial(program.settle, ExternallySupervised()))
    for step in steps:
        pause = POLL
        while why := reason(step):  # what it settles with may be on another host, and start later
            if _has_ended():
                raise Fatal(f"{name} ended before it was ready: {why}")
            if time.monotonic() > deadline:
                raise Fatal(f"{name} is not ready after {within:.0f} s: {why}")
            time.sleep(pause)
            pause = min(pause * 1.5, SELDOM)  # its dependency may be away for long


def _has_ended() -> bool:
    """Whether the process that is waited for is no more. systemd says which it is; else nobody knows."""
    told = os.environ.get("MAINPID")
    return told is not None and not psutil.pid_exists(int(told))
