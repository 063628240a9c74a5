"""Starts Storm's supervisor free of the workers before it: `python -m riverline_stack.servers.dead_workers WORKERS
COMMAND...`.

A supervisor that starts believes in two things that can be wrong:

- A worker is alive while its last heartbeat is young enough; nobody looks for the process. After a clock that went back
  by an hour, that heartbeat stays young for an hour, and nobody starts the worker again. Without a heartbeat it is
  started at once.
- A worker that it does not know from its state can be ended by the process id in the worker's folder. A supervisor
  that was killed while it launched a worker leaves one that has not written its id yet; it would keep the port for
  good, and each worker after it would end for want of that port. It is ended here.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import psutil

ID = "-Dworker.id="  # stands in the command line of a worker
TEMPORARY = "-Djava.io.tmpdir="  # and this, which tells whose worker it is
ENDING = 5.0  # seconds that a killed worker has to go


def forget(workers: Path) -> list[str]:
    """Removes the heartbeats of workers whose process is gone; returns their ids. `workers`: Storm's folder of them."""
    alive = set(_processes(workers))
    dead = [folder for folder in workers.glob("*") if folder.name not in alive]
    for folder in dead:
        shutil.rmtree(folder / "heartbeats", ignore_errors=True)
    return sorted(folder.name for folder in dead)


def end_strays(workers: Path) -> list[str]:
    """Ends the workers of this folder that no supervisor can find: those without a process id there. Returns their
    ids.
    """
    ended = []
    for worker, processes in _processes(workers).items():
        if any((workers / worker / "pids").glob("*")):
            continue
        for process in processes:
            with suppress(psutil.Error):  # it ended meanwhile
                process.kill()
        psutil.wait_procs(processes, timeout=ENDING)
        ended.append(worker)
    return sorted(ended)


def _processes(workers: Path) -> dict[str, list[psutil.Process]]:
    """The processes of each running worker of this folder (Java, and the one that writes its log)."""
    found: dict[str, list[psutil.Process]] = {}
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
        except psutil.Error:  # it ended meanwhile
            continue
        ids = {one.removeprefix(ID) for one in line if one.startswith(ID)}
        for worker in ids:
            if TEMPORARY + str(workers / worker / "tmp") in line:
                found.setdefault(worker, []).append(process)
    return found


def main() -> None:
    """Becomes the command."""
    workers = Path(sys.argv[1])
    for worker in end_strays(workers):
        print(f"worker {worker} is known to nobody: it is ended", file=sys.stderr, flush=True)
    for worker in forget(workers):
        print(f"worker {worker} is dead: its heartbeats are removed", file=sys.stderr, flush=True)
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
