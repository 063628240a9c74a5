"""The monitor's parts, put together from the settings."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from monitor.alarm import Alarm
from monitor.channels import channels_of
from monitor.exposition import Exposition
from monitor.growth import Growth, policy_of
from monitor.hands import RealHands
from monitor.rules import load
from monitor.run import Monitor
from monitor.sampler import Sampler, Source
from monitor.scaling import Policy
from monitor.sources.everything import all_sources
from riverline.assembly import Services


@dataclass(frozen=True)
class Built:
    """A monitor with what it needs to run and to end."""

    monitor: Monitor
    sampler: Sampler
    alarm: Alarm
    growth: Growth
    exposition: Exposition

    def run(self, stopped: threading.Event, every: float) -> None:
        """Until it is stopped; then what waits to be sent gets some seconds."""
        try:
            self.monitor.run(stopped, every)
        finally:
            self.sampler.close()
            self.alarm.close()
            self.growth.close()


def build(services: Services, policy: Policy | None = None) -> Built:
    """Of the real servers. `policy` takes the place of the one that is set."""
    settings = services.settings
    exposition = Exposition()
    alarm = Alarm(load(), services.incidents, channels_of(settings), settings.monitor.repeat_minutes * 60.0)
    growth = Growth(policy or policy_of(settings), RealHands(settings), services.incidents, settings.monitor.scale)
    sources = [*all_sources(services), Source("growth", settings.monitor.every, growth.read)]
    sampler = Sampler(sources, services.now_ms)
    judges = (growth.judge, alarm.judge, lambda _: exposition.count(alarm.open))
    return Built(Monitor(sampler, services.scratch, exposition, judges), sampler, alarm, growth, exposition)
