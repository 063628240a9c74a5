"""The services that tasks work with: one set in each worker process, made at the first task."""

from __future__ import annotations

from functools import cache

from riverline.services import Services, assemble
from riverline_tasks.app import settings


@cache
def services() -> Services:
    """The stores of this process."""
    return assemble(settings)
