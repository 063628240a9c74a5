"""Which tasks of the next bolt work: as many as Nimbus gives executors.

A task is a process of its own from the start, and tuples are written to it whether it has an executor for itself or
shares one: shuffled among all tasks, a rebalance would change nothing. So tuples are sent to as many tasks as there are
executors, in turn; the others wait, and cost memory alone. The monitor tells by Redis how many executors there are.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from riverline.errors import Transient
from riverline.monitoring.executors import read
from riverline.settings import Settings
from riverline.stores.redis_cluster import RedisCluster
from riverline.stores.redis_scratch import RedisScratch

PERIOD = 5.0  # seconds between two looks

log = logging.getLogger("riverline.calling")


class Called:
    """The tasks that work. Thread-safe."""

    def __init__(self, tasks: Sequence[int], count: int) -> None:
        self._tasks = sorted(tasks)
        self._turn = 0
        self.set(count)

    def set(self, count: int) -> None:
        """So many of them, spread evenly: neighbours share an executor."""
        most = len(self._tasks)
        wanted = max(1, min(count, most))
        self.working = [self._tasks[place * most // wanted] for place in range(wanted)] if most else []

    def next(self) -> int | None:
        """The one whose turn it is; None outside of Storm."""
        working = self.working
        if not working:
            return None
        self._turn += 1
        return working[self._turn % len(working)]


def call(component: str, context: Mapping[str, Any], settings: Settings) -> Called:
    """The tasks of a component, kept up to date for as long as the process lives."""
    tasks = [int(task) for task, name in context.get("task->component", {}).items() if name == component]
    wanted = settings.topology
    called = Called(tasks, {"parse": wanted.parsers, "tag": wanted.taggers}[component])
    if len(tasks) > 1:
        _Follower(component, called, settings).start()
    return called


class _Follower(threading.Thread):
    def __init__(self, component: str, called: Called, settings: Settings) -> None:
        super().__init__(name="calling", daemon=True)
        self._component, self._called = component, called
        self._scratch = RedisScratch(RedisCluster(settings.redis.nodes))
        self._pause = threading.Event()

    def run(self) -> None:
        while True:
            self._look()
            self._pause.wait(PERIOD)

    def _look(self) -> None:
        try:
            count = read(self._scratch).get(self._component)
        except Transient:
            return  # what was known last goes on
        except Exception as error:  # a fault here must not end the thread
            log.warning("nobody knows how many tasks work: %r", error)
            return
        if count and count != len(self._called.working):
            self._called.set(count)
            log.info("%d tasks of %s work: %s", len(self._called.working), self._component, self._called.working)
