"""A few servers of the stack alone, on ports of a test's own, with their data in a folder of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from riverline.settings import Settings
from riverline_stack.supervision import lifecycle
from riverline_stack.supervision.program import Program
from tests.support.stack import Told

Programs = Callable[[Settings], list[Program]]
Install = Callable[[Settings, Callable[[str], None]], object]


def settings_of(home: Path, offset: int) -> Settings:
    """The settings with all ports higher by `offset`, and the home in that folder."""
    return Settings().shifted(offset).placed(home)


def start(settings: Settings, programs: list[Program]) -> list[Program]:
    """Starts them, until all are ready. They end with this process at the latest."""
    lifecycle.begin(settings, programs, os.getpid())
    lifecycle.start(settings, programs, Told())
    return programs


def stop(settings: Settings, programs: Programs) -> None:
    lifecycle.down(settings, programs(settings), Told())


@contextlib.contextmanager
def few_servers(home: Path, offset: int, programs: Programs, *installs: Install) -> Iterator[Settings]:
    """The settings of servers that run while the context lasts."""
    with running(settings_of(home, offset), programs, *installs) as settings:
        yield settings


@contextlib.contextmanager
def running(settings: Settings, programs: Programs, *installs: Install) -> Iterator[Settings]:
    """The servers of these settings run while the context lasts."""
    for install in installs:
        install(settings, Told().say)
    try:
        start(settings, programs(settings))
        yield settings
    finally:
        stop(settings, programs)
