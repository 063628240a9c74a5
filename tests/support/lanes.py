"""Which worker runs what, where there are several (`pytest -n`): whole files, those of the stack in the first worker.

That one waits for servers most of the time. The others run what needs no stack, and give way to the servers: they take
what processor time is left.
"""

from __future__ import annotations

import os
from typing import Any

from xdist.scheduler import LoadScopeScheduling

ON_STACK = tuple(f"tests/{suite}/" for suite in ("chaos", "contract", "integration", "soak"))
APART = frozenset(  # files of these suites that need no stack, or have servers of their own
    f"tests/integration/test_{name}.py"
    for name in (
        "bare_host",
        "crawl",
        "elastic_access",
        "field_cases",
        "kafka_access",
        "promotion",
        "redis_access",
        "resting_wait",
        "slow_pages",
        "small_stack",
        "storm_access",
        "supervisor",
        "topic_meters",
        "youtube",
    )
)
FIRST = "gw0"
NICE = 5


def is_on_stack(file: str) -> bool:
    return file.startswith(ON_STACK) and file not in APART


def give_way() -> None:
    """To be called in every process of the tests: workers other than the first leave the processors to the servers."""
    if os.environ.get("PYTEST_XDIST_WORKER", FIRST) != FIRST:
        os.nice(NICE)


class Lanes(LoadScopeScheduling):
    """A file is run by one worker; all of the stack by the first that lives."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]

    def _next(self, node: Any) -> str | None:
        """The file that this worker runs next."""
        living = [one for one in self.nodes if not one.shutting_down]
        first = min(living, key=lambda one: int(one.gateway.id.removeprefix("gw")), default=None)
        kinds = (True, False) if node is first else (False,)
        return next((file for kind in kinds for file in self.workqueue if is_on_stack(file) == kind), None)

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
