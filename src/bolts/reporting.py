"""Lets a component of the topology say how it is doing."""

from __future__ import annotations

from riverline.content.reporting import Reporter
from riverline.settings import Settings
from riverline.stores.redis_stages import open_stages
from riverline.telemetry import Stage


def report(stage: Stage, settings: Settings) -> None:
    """From now on, for as long as the process lives."""
    Reporter(stage, open_stages(settings)).start()
