"""Resident memory of every process of a stack, sampled: what a process has made itself, without the files that it maps
(they are the page cache's) and without what a server keeps of people's data in memory up to a size that is set:
MariaDB's buffer pool, what a Redis has allocated. They grow with what people write, not with time."""

from __future__ import annotations

import contextlib
import csv
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import psutil
from redis.exceptions import RedisError

from riverline.errors import Transient
from riverline.settings import Settings
from riverline_stack.servers import redis_servers
from riverline_stack.servers.replication import administering
from riverline_stack.supervision import processes

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
        self._ended, self._pools = threading.Event(), Pools(settings)

    def run(self) -> None:
        began = time.monotonic()
        with self.table.open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(("seconds", "what", "name", "value"))
            while not self._ended.wait(SECONDS):
                seconds = round(time.monotonic() - began, 1)
                for name, value in _resident(self.settings, self._pools).items():
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


def _resident(settings: Settings, pools: Pools) -> dict[str, int]:
    """Bytes by process, named so that it stays the same process from sample to sample."""
    found = processes.owned(settings.home)
    programs = processes.programs_of(found, settings.home)
    sizes: dict[str, int] = {}
    for process in found:
        with contextlib.suppress(psutil.Error, RedisError, Transient, KeyError):
            name = f"{programs[process.pid]}{part_of(process)} ({process.pid})"
            memory = process.memory_info()
            sizes[name] = memory.rss - memory.shared - _data(process, settings, pools)
    return sizes


def _data(process: psutil.Process, settings: Settings, pools: Pools) -> int:
    """Bytes that a server keeps of people's data; 0 of any other process."""
    kept = {"redis-server": partial(_redis_data, settings), "mariadbd": pools.bytes}.get(process.name())
    if kept is None:
        return 0
    # A Redis' port is below that of its cluster's bus.
    return kept(min(at.laddr.port for at in process.net_connections() if at.status == psutil.CONN_LISTEN))


def _redis_data(settings: Settings, port: int) -> int:
    with redis_servers.administering(settings, f"127.0.0.1:{port}") as server:
        used = server.info("memory")
    return int(used["allocator_active"] - used["used_memory_startup"])


class Pools:
    """What of MariaDB's buffer pools is resident, by port: pages that were ever in use. One that is put back on
    the list of free ones stays in memory, so that pages in use alone would let the process seem to grow by it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._most: dict[int, int] = {}

    def bytes(self, port: int) -> int:
        with administering(self._settings, f"127.0.0.1:{port}") as server:
            server.execute("SHOW GLOBAL STATUS LIKE 'Innodb_%page%'")
            told = {row["Variable_name"]: int(row["Value"]) for row in server.fetchall() if row["Value"].isdigit()}
        return self.resident(port, told)

    def resident(self, port: int, told: Mapping[str, int]) -> int:
        """By what the server says of its pool now."""
        used = told["Innodb_buffer_pool_pages_total"] - told["Innodb_buffer_pool_pages_free"]
        self._most[port] = max(self._most.get(port, 0), used * told["Innodb_page_size"])
        return self._most[port]


def part_of(process: psutil.Process) -> str:
    """Which part of its program a process is, where that can be told: a component, or a worker's machine."""
    command = " ".join(process.cmdline())
    component = next((name for name in COMPONENTS if name in command), None)
    worker = "worker" if "storm.daemon.worker.Worker" in command else None
    part = component or worker
    return f" {part}" if part else ""
