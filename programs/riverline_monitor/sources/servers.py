"""Whether every server can do its work: the same questions as `/health/ready`."""

from __future__ import annotations

from riverline.health import OK, Examination
from riverline.monitoring.sample import series
from riverline_monitor.sampler import SourceReading


class ServersSource:
    def __init__(self, examination: Examination) -> None:
        self._examination = examination

    def read(self) -> SourceReading:
        found = self._examination.result()
        values = {series("up", name): 1.0 if state == OK else 0.0 for name, state in found.items()}
        return SourceReading(values, {name: state for name, state in found.items() if state != OK})
