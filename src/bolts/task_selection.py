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

from riverline.adapters.redis.cluster import RedisCluster
from riverline.adapters.redis.key_value import RedisKeyValue
from riverline.errors import Transient
from riverline.monitoring.executors import KEY, read
from riverline.settings import Settings

PERIOD = 5.0  # seconds between two looks

log = logging.getLogger("riverline.task_selection")


class WorkingTasks:
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


def working_tasks(component: str, context: Mapping[str, Any], settings: Settings, redis: RedisCluster) -> WorkingTasks:
    """The tasks of a component, kept up to date for as long as the process lives."""
    tasks = [int(task) for task, name in context.get("task->component", {}).items() if name == component]
    wanted = settings.topology
    selection = WorkingTasks(tasks, {"parse": wanted.parsers, "tag": wanted.taggers}[component])
    if len(tasks) > 1:
        _Follower(component, selection, redis, settings.storm.key(KEY)).start()
    return selection


class _Follower(threading.Thread):
    def __init__(self, component: str, tasks: WorkingTasks, redis: RedisCluster, key: str) -> None:
        super().__init__(name="task-selection", daemon=True)
        self._component, self._tasks, self._key = component, tasks, key
        self._key_value = RedisKeyValue(redis)
        self._pause = threading.Event()

    def run(self) -> None:
        while True:
            self._look()
            self._pause.wait(PERIOD)

    def _look(self) -> None:
        try:
            count = read(self._key_value, self._key).get(self._component)
        except Transient:
            return  # what was known last goes on
        except Exception as error:  # a fault here must not end the thread
            log.warning("the number of active tasks is unknown: %r", error)
            return
        if count and count != len(self._tasks.working):
            self._tasks.set(count)
            log.info("%d tasks of %s are active: %s", len(self._tasks.working), self._component, self._tasks.working)
