"""Starts Storm's supervisor without the heartbeats of dead workers: `python -m riverline_stack.servers.dead_workers
WORKERS COMMAND...`.

A supervisor that starts takes a worker for alive while its last heartbeat is young enough, and does not look for the
process. After a clock that went back by an hour, that heartbeat stays young for an hour, and nobody starts the worker
again. Without a heartbeat it is started at once.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import psutil

ID = "-Dworker.id="  # stands in the command line of a worker


def forget(workers: Path) -> list[str]:
    """Removes the heartbeats of workers whose process is gone; returns their ids. `workers`: Storm's folder of them."""
    alive = _alive()
    dead = [folder for folder in workers.glob("*") if folder.name not in alive]
    for folder in dead:
        shutil.rmtree(folder / "heartbeats", ignore_errors=True)
    return sorted(folder.name for folder in dead)


def _alive() -> set[str]:
    found = set()
    for process in psutil.process_iter():
        try:
            found |= {one.removeprefix(ID) for one in process.cmdline() if one.startswith(ID)}
        except psutil.Error:  # it ended meanwhile
            continue
    return found


def main() -> None:
    """Becomes the command."""
    for worker in forget(Path(sys.argv[1])):
        print(f"worker {worker} is dead: its heartbeats are removed", file=sys.stderr, flush=True)
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
