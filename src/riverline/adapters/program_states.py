"""How the programs of the local stack are, in a file that its watch writes for the monitor.

The monitor does not ask the process supervisor itself: whoever may ask that may also stop everything.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from riverline.errors import Transient

FOLDER = "program-states"  # below the home
STALE = 60.0  # seconds after which it says nothing any more; the watch writes more often
TOLD = ("name", "statename", "start")

Infos = Sequence[Mapping[str, Any]]


def folder(home: Path) -> Path:
    """The folder of the file, which is all that the monitor's account sees of it."""
    return home / FOLDER


def write(home: Path, infos: Infos) -> None:
    """Puts the supervisor's answer of `getAllProcessInfo` there. Raises OSError."""
    target = _file(home)
    draft = target.with_suffix(".draft")
    draft.write_text(json.dumps([{name: info[name] for name in TOLD} for info in infos]))
    draft.chmod(0o644)  # who may read it, the folder says
    draft.replace(target)


def read(home: Path) -> Infos:
    """The name of each program, its state and since when. Raises Transient where nobody has said so lately."""
    try:
        age = time.time() - _file(home).stat().st_mtime
        infos: Infos = json.loads(_file(home).read_text())
    except (OSError, ValueError) as error:
        raise Transient(f"nothing is known of the programs: {error}") from error
    if age > STALE:
        raise Transient(f"what is known of the programs is {age:.0f} s old: does the supervisor answer its watch?")
    return infos


def _file(home: Path) -> Path:
    return folder(home) / "states.json"
