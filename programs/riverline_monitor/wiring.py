"""The monitor's parts, put together from the settings."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from riverline.services import Services
from riverline_monitor.actuators import StormCeleryActuators
from riverline_monitor.alerting import Alerting
from riverline_monitor.autoscaler import Autoscaler, policy_of
from riverline_monitor.exposition import Exposition
from riverline_monitor.notification_channels import channels_of
from riverline_monitor.rules import load
from riverline_monitor.run import Monitor
from riverline_monitor.sampler import Sampler, Source
from riverline_monitor.scaling_policy import Policy
from riverline_monitor.sources.registry import all_sources


@dataclass(frozen=True)
class Wiring:
    """A monitor with what it needs to run and to end."""

    monitor: Monitor
    sampler: Sampler
    alerting: Alerting
    autoscaler: Autoscaler
    exposition: Exposition

    def run(self, stopped: threading.Event, every: float) -> None:
        """Until it is stopped; then what waits to be sent gets some seconds."""
        try:
            self.monitor.run(stopped, every)
        finally:
            self.sampler.close()
            self.alerting.close()
            self.autoscaler.close()


def build(services: Services, policy: Policy | None = None) -> Wiring:
    """Of the real servers. `policy` takes the place of the one that is set."""
    settings = services.settings
    exposition = Exposition()
    alerting = Alerting(load(), services.incidents, channels_of(settings), settings.monitor.repeat_minutes * 60.0)
    autoscaler = Autoscaler(
        policy or policy_of(settings), StormCeleryActuators(settings), services.incidents, settings.monitor.scale
    )
    sources = [*all_sources(services), Source("growth", settings.monitor.every, autoscaler.read)]
    sampler = Sampler(sources, services.now_ms)
    judges = (autoscaler.judge, alerting.judge, lambda _: exposition.count(alerting.open))
    return Wiring(Monitor(sampler, services.key_value, exposition, judges), sampler, alerting, autoscaler, exposition)
