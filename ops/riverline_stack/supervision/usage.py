"""Processor time of each program over the last minute, from readings that the watch takes now and then."""

from __future__ import annotations

import contextlib
import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from riverline_stack.supervision.processes import owned, programs_of

SUPERVISOR = "supervisord"  # as in ops/riverline_stack/supervision/supervise.py, which imports more than is needed here
MINUTE = 60.0
EVERY = 30.0  # seconds between two readings
KEPT = 3  # so many reach back a minute at any time


@dataclass(frozen=True)
class UsageReading:
    """Processor seconds of each program since its start, at a time of this machine's monotonic clock."""

    at: float
    spent: Mapping[str, float]


def read(home: Path) -> UsageReading:
    """The programs as they stand. What an ended child took counts for the parent that waited for it, so a program's sum
    does not shrink; the supervisor's children are programs themselves."""
    spent: defaultdict[str, float] = defaultdict(float)
    found = owned(home)
    programs = programs_of(found, home)
    for process in found:
        with contextlib.suppress(psutil.Error, KeyError):
            name, times = programs[process.pid], process.cpu_times()
            children = 0.0 if name == SUPERVISOR else times.children_user + times.children_system
            spent[name] += times.user + times.system + children
    return UsageReading(time.monotonic(), dict(spent))


def shares(readings: Sequence[UsageReading], now: UsageReading) -> dict[str, float]:
    """Each program's share of one core over the last minute, or since the oldest reading where that is less; empty
    without a reading. A program that started anew meanwhile counts from its start."""
    earlier = [reading for reading in readings if reading.at < now.at]
    if not earlier:
        return {}
    old_enough = [reading for reading in earlier if now.at - reading.at >= MINUTE]
    since = max(old_enough, key=_at) if old_enough else min(earlier, key=_at)
    return {name: _more(spent, since.spent.get(name, 0.0)) / (now.at - since.at) for name, spent in now.spent.items()}


def _at(reading: UsageReading) -> float:
    return reading.at


def _more(spent: float, before: float) -> float:
    return spent - before if spent >= before else spent


def last_minute(home: Path) -> dict[str, float]:
    """As `shares`, of the stack at that home."""
    return shares(_noted(home), read(home))


class UsageRecorder:
    """Takes readings and keeps the last ones in a file, for `last_minute` in other processes."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._kept: list[UsageReading] = []

    def take(self) -> None:
        """One more reading. A disk that takes no file is no reason to fail: there are fewer figures then."""
        self._kept = [*self._kept, read(self._home)][-KEPT:]
        draft = _file(self._home).with_suffix(".draft")
        with contextlib.suppress(OSError):
            draft.write_text(json.dumps([asdict(reading) for reading in self._kept]))
            draft.replace(_file(self._home))


def _file(home: Path) -> Path:
    return home / "run" / "usage.json"


def _noted(home: Path) -> list[UsageReading]:
    try:
        return [UsageReading(**entry) for entry in json.loads(_file(home).read_text())]
    except (OSError, ValueError, TypeError):
        return []
