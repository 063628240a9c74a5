"""A topology of which a stage takes its time, in the place of the stack's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from riverline.settings import Settings
from riverline_stack.release import topology
from riverline_stack.supervision.supervise import Supervisor
from tests.support.stack import Told


@contextmanager
def submitted(stack: Settings, changes: Mapping[str, Mapping[str, Any]]) -> Iterator[Settings]:
    """The stack's settings with `changes` by part, once their topology is submitted; the stack's own monitor is put
    aside meanwhile, so that nobody else scales. All is as before afterwards."""
    tree = stack.model_dump()
    for part, values in changes.items():
        tree[part] |= values
    settings = Settings.model_validate(tree)
    supervisor, jar = Supervisor(stack), topology.build(stack, Told().say)
    watched = "monitor" in supervisor.states()
    if watched:
        supervisor.stop("monitor")
    try:
        topology.submit(settings, jar, Told().say)
        yield settings
    finally:
        topology.submit(stack, jar, Told().say)
        if watched:
            supervisor.start("monitor")
