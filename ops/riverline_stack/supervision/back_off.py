"""A program that keeps ending soon after its start is started again later each time, whoever supervises it.

systemd (252) and supervisord start it again a second later, each time with a new interpreter or virtual machine: three
hosts whose ZooKeeper was away spent two cores on that. One quick end is no pattern: the next start is at once.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

SOON = 30.0  # seconds after a start: what ends within these ended soon
LONGEST = 16.0  # seconds before a start


@dataclass(frozen=True)
class ProgramStart:
    """A start of a program, and how many before it in a row were of one that ended soon."""

    at: float  # seconds since 1970
    quick: int
    version: str

    @property
    def pause(self) -> float:
        """Seconds before it: none, none, 1, 2, 4 and so on."""
        return min(2.0 ** min(self.quick - 2, 9), LONGEST) if self.quick > 1 else 0.0


def following(last: ProgramStart | None, now: float, version: str) -> ProgramStart:
    """The next start, pause included. Another version has ended nothing yet, and a clock may have been set."""
    is_quick = last is not None and last.version == version and 0 <= now - last.at < SOON
    start = ProgramStart(now, last.quick + 1 if last and is_quick else 0, version)
    return ProgramStart(now + start.pause, start.quick, version)


def back_off(home: Path, name: str, version: str) -> None:
    """Returns when the program may start; notes that it does. Where nothing can be noted, it is at once."""
    file = home / "run" / f"{name}.start"
    start = following(_read(file), time.time(), version)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(start)))
    except OSError:
        return
    if start.pause:
        said = f"{name} ended soon after each of its last {start.quick} starts: the next one is in {start.pause:.0f} s"
        print(said, file=sys.stderr, flush=True)
        time.sleep(start.pause)


def _read(file: Path) -> ProgramStart | None:
    try:
        return ProgramStart(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None
