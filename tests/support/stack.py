"""What tests of running servers need: a place for progress, and waiting for a condition."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from riverline.settings import Settings

T = TypeVar("T")


class Told:
    """Progress on the standard error: pytest shows it when the start fails."""

    def say(self, text: str) -> None:
        print(text, file=sys.stderr)

    def waiting(self, name: str, why: str | None) -> None:
        pass


@contextmanager
def workers_folder(stack: Settings, name: str) -> Iterator[Path]:
    """A new folder in which Storm's workers read and write, whichever account they run as; it goes away at the end."""
    folder, owner = stack.state / name, stack.state.stat()
    folder.mkdir()
    try:
        os.chown(folder, owner.st_uid, owner.st_gid)
        yield folder
    finally:
        shutil.rmtree(folder)


def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether it holds within so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def awaited(get: Callable[[], T | None], seconds: float) -> T:
    """What `get` returns as soon as it is something; fails when that takes longer."""
    deadline = time.monotonic() + seconds
    while not (got := get()):
        assert time.monotonic() < deadline, f"nothing after {seconds:g} s"
        time.sleep(0.2)
    return got
