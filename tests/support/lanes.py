"""Which worker runs what, where there are several (`pytest -n`): whole files, those of a stack in the first workers.

Each of these has a stack of its own: one, or two where there are four workers and the memory. They wait for servers
most of the time. The others run what needs no stack, and give way to the servers: they take what processor time is
left.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import psutil
from xdist.scheduler import LoadScopeScheduling

ON_STACK = tuple(f"tests/{suite}/" for suite in ("chaos", "contract", "integration", "soak"))
APART = frozenset(  # files of these suites that need no stack, or have servers of their own
    f"tests/integration/test_{name}.py"
    for name in (
        "bare_host",
        "crawl",
        "elastic_access",
        "elastic_tls",
        "field_cases",
        "host_keys",
        "kafka_access",
        "kafka_tls",
        "mysql_tls",
        "promotion",
        "redis_access",
        "redis_tls",
        "resting_wait",
        "slow_pages",
        "small_stack",
        "storm_access",
        "supervisor",
        "topic_meters",
        "youtube",
    )
)
LONGEST = tuple(  # begun first, so that no lane waits for another at the end
    f"tests/{name}.py"
    for name in (
        "integration/test_readme",
        "chaos/test_answers",
        "integration/test_deploy",
        "chaos/test_chaos",
        "integration/test_drill",
        "integration/test_crawl_run",
        "chaos/test_crawl_chaos",
        "integration/test_backup",
        "chaos/test_outages",
        "integration/test_slow_backlog",
        "chaos/test_storm_model",
    )
)
FOR_TWO = 14 << 30  # bytes of memory
NICE = 5
_TURNS: list[IO[str]] = []  # locks, held until this process ends


def stacks(workers: int) -> int:
    """How many workers have a stack."""
    enough = workers >= 4 and psutil.virtual_memory().total >= FOR_TWO
    return 2 if enough else 1


def claimed(places: Sequence[Path]) -> int:
    """The first of these folders that nobody uses, as its number; it is this process' own until it ends. Where another
    run of the tests has them all, waits for the first.
    """
    for number, place in enumerate(places):
        place.mkdir(parents=True, exist_ok=True)
        if _taken(place, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return number
    _taken(places[0], fcntl.LOCK_EX)
    return 0


def _taken(place: Path, how: int) -> bool:
    turn = (place / "session").open("w")
    try:
        fcntl.flock(turn, how)
    except BlockingIOError:
        turn.close()
        return False
    _TURNS.append(turn)
    return True


def _number(worker: str) -> int:
    return int(worker.removeprefix("gw"))


def is_on_stack(file: str) -> bool:
    return file.startswith(ON_STACK) and file not in APART


def longest_first(files: Sequence[str]) -> list[str]:
    """The files in the order in which they are begun."""
    known = {file: place for place, file in enumerate(LONGEST)}
    return sorted(files, key=lambda file: known.get(file, len(known)))


def give_way() -> None:
    """To be called in every process of the tests: workers without a stack leave the processors to the servers."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if _number(os.environ.get("PYTEST_XDIST_WORKER", "gw0")) >= stacks(workers):
        os.nice(NICE)


class Lanes(LoadScopeScheduling):
    """A file is run by one worker; those of the stack by the first that live."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]

    def _next(self, node: Any) -> str | None:
        """The file that this worker runs next."""
        living = sorted((one for one in self.nodes if not one.shutting_down), key=lambda one: _number(one.gateway.id))
        kinds = (True, False) if node in living[: stacks(self.numnodes)] else (False,)
        files = longest_first(self.workqueue)
        return next((file for kind in kinds for file in files if is_on_stack(file) == kind), None)

    def _assign_work_unit(self, node: Any) -> None:
        file = self._next(node)
        if file is None:
            node.shutdown()
        else:
            self.workqueue.move_to_end(file, last=False)
            super()._assign_work_unit(node)

    def _reschedule(self, node: Any) -> None:
        if not node.shutting_down and self._next(node) is None:
            node.shutdown()
        else:
            super()._reschedule(node)
