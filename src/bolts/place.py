"""A task's index among the tasks of its component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """The index of a task among its component's tasks, from 0, and how many there are.

    Storm deals tuples out by this place: unlike a task's number, it stays while a component has as many tasks.
    """

    index: int = 0
    count: int = 1


def place_among(context: Mapping[str, Any]) -> Place:
    """The task's that Storm gave this context; alone where there is no Storm."""
    components, me = context.get("task->component", {}), str(context["taskid"])
    if me not in components:
        return Place()
    tasks = sorted((task for task, name in components.items() if name == components[me]), key=int)
    return Place(tasks.index(me), len(tasks))
