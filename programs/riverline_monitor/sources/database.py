"""MySQL: the outbox, and how far the replicas are behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from riverline.monitoring.sample import series
from riverline_monitor.sampler import SourceReading


class MonitoredDatabase(Protocol):
    """What the monitor reads from MySQL (`adapters/mysql/monitor_probe.py`). Calls raise Transient when it is away."""

    def outbox(self) -> tuple[int, int, dict[str, int]]:
        """How many jobs are open, for how many seconds the oldest has been, and how many are parked, by their task."""

    def beat(self, number: int) -> None:
        """Writes a number on the primary."""

    def replicas(self) -> list[str]:
        """The addresses of all servers but the one that took the last beat."""

    def heard(self, replica: str) -> int:
        """The newest number that a replica has."""


class OutboxSource:
    """A task that had parked jobs is named with 0 when it has none any more: then its alert is over."""

    def __init__(self, database: MonitoredDatabase) -> None:
        self._database = database
        self._named: set[str] = set()

    def read(self) -> SourceReading:
        depth, oldest, parked = self._database.outbox()
        self._named |= parked.keys()
        by_task = {series("outbox_parked", task): parked.get(task, 0) for task in self._named}
        return SourceReading({"outbox": depth, "outbox_age": oldest, "outbox_parked": sum(parked.values()), **by_task})


class ReplicaSource:
    """Beats on the primary, listens at the replicas: no rights are needed but the application's own.

    The lag is the age of the first beat that a replica has not got; 0 when it has all of them. Which servers are
    replicas is asked each time: after a promotion it is the former primary.
    """

    def __init__(self, database: MonitoredDatabase, clock: Callable[[], float] = time.time, kept: int = 1000) -> None:
        self._database, self._clock, self._kept = database, clock, kept
        self._beats: list[tuple[int, float]] = []

    def read(self) -> SourceReading:
        values, down = {}, {}
        heard: dict[str, int] = {}
        for replica in self._database.replicas():
            try:
                heard[replica] = self._database.heard(replica)
            except Exception as error:  # a replica that is away does not keep the others from being asked
                down[f"replica {replica}"] = str(error)
        now = self._clock()
        for replica, number in heard.items():
            missing = next((at for beat, at in self._beats if beat > number), now)
            values[series("replica_lag", replica)] = now - missing
        self._beat(now)
        return SourceReading(values, down)

    def _beat(self, now: float) -> None:
        number = int(now * 1000)
        self._database.beat(number)
        self._beats = [*self._beats[-self._kept :], (number, now)]
