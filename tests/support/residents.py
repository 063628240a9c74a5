"""Resident memory of every process of a stack, sampled: what a process has made itself, without the files that it maps
(they are the page cache's) and without what a server keeps of people's data in memory up to a size that is set:
MariaDB's buffer pool, what a Redis has allocated. They grow with what people write, not with time."""

from __future__ import annotations

import contextlib
import csv
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import psutil
from redis import Redis
from redis.exceptions import RedisError

from riverline.errors import Transient
from riverline.settings import Settings
from stack import processes
from stack.replication import administering

SECONDS = 10.0  # between two samples
COMPONENTS = ("PageSpout", "DeduplicateBolt", "ParseBolt", "TagBolt", "IndexBolt")

Series = dict[str, list[tuple[float, float]]]


class Residents(threading.Thread):
    """Writes a line for each process and sample: seconds, process, bytes; and one for each queue.

    `processes` and `queues` hold the same: (seconds since the start, bytes or length) by name.
    """

    def __init__(self, settings: Settings, table: Path, queues: dict[str, Callable[[], float]]) -> None:
        super().__init__(daemon=True)
        self.settings, self.table, self.asked = settings, table, queues
        self.processes: Series = defaultdict(list)
        self.queues: Series = defaultdict(list)
        self._ended = threading.Event()

    def run(self) -> None:
        began = time.monotonic()
        with self.table.open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(("seconds", "what", "name", "value"))
            while not self._ended.wait(SECONDS):
                seconds = round(time.monotonic() - began, 1)
                for name, value in _resident(self.settings).items():
                    self.processes[name].append((seconds, value))
                    lines.writerow((seconds, "resident bytes", name, value))
                for name, length in self.asked.items():
                    with contextlib.suppress(Exception):  # a queue that does not answer now answers the next time
                        self.queues[name].append((seconds, length()))
                        lines.writerow((seconds, "queue", name, self.queues[name][-1][1]))
                file.flush()

    def end(self) -> None:
        self._ended.set()
        self.join()


def _resident(settings: Settings) -> dict[str, int]:
    """Bytes by process, named so that it stays the same process from sample to sample."""
    found = processes.owned(settings.home)
    programs = processes.programs_of(found, settings.home)
    sizes: dict[str, int] = {}
    for process in found:
        with contextlib.suppress(psutil.Error, RedisError, Transient, KeyError):
            name = f"{programs[process.pid]}{_part(process)} ({process.pid})"
            memory = process.memory_info()
            sizes[name] = memory.rss - memory.shared - _data(settings, process)
    return sizes


def _data(settings: Settings, process: psutil.Process) -> int:
    """Bytes that a server keeps of people's data; 0 of any other process."""
    kept = {"redis-server": _redis_data, "mariadbd": _mysql_data}.get(process.name())
    if kept is None:
        return 0
    # A Redis' port is below that of its cluster's bus.
    port = min(at.laddr.port for at in process.net_connections() if at.status == psutil.CONN_LISTEN)
    return kept(settings, port, process)


def _redis_data(_: Settings, port: int, __: psutil.Process) -> int:
    with Redis(port=port, socket_timeout=5) as server:
        used = server.info("memory")
    return int(used["allocator_active"] - used["used_memory_startup"])


def _mysql_data(settings: Settings, port: int, process: psutil.Process) -> int:
    """What is resident of the buffer pool's own mapping. Not the pages that are in use: one that goes back to the list
    of free ones stays in memory, and the process would seem to have grown by it."""
    with administering(settings, f"127.0.0.1:{port}") as server:
        server.execute("SELECT @@innodb_buffer_pool_size AS bytes")
        [row] = server.fetchall()
    return mapped(process, int(row["bytes"]))


def mapped(process: psutil.Process, least: int) -> int:
    """Resident bytes of the fullest anonymous mapping of at least so many bytes; 0 where there is none."""
    maps = process.memory_maps(grouped=False)
    return max((each.rss for each in maps if each.path == "[anon]" and each.size >= least), default=0)


def _part(process: psutil.Process) -> str:
    """Which part of its program a process is, where that can be told: a component, or a worker's machine."""
    command = " ".join(process.cmdline())
    component = next((name for name in COMPONENTS if name in command), None)
    worker = "worker" if "storm.daemon.worker.Worker" in command else None
    part = component or worker
    return f" {part}" if part else ""
