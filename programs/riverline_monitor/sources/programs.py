"""The programs of the local stack: what runs, what restarted."""

from __future__ import annotations

from collections.abc import Callable

from riverline.adapters.program_states import Infos
from riverline.monitoring.sample import series
from riverline_monitor.sampler import SourceReading

GOING = ("RUNNING", "STARTING")


class ProgramsSource:
    """Counts starts by their times. Programs that were stopped on purpose are left out."""

    def __init__(self, ask: Callable[[], Infos]) -> None:
        self._ask = ask
        self._started: dict[str, int] = {}
        self._restarts: dict[str, int] = {}

    def read(self) -> SourceReading:
        values: dict[str, float] = {}
        for info in self._ask():
            name, state = info["name"], info["statename"]
            if state == "STOPPED":
                continue
            self._count(name, info["start"])
            values[series("running", name)] = 1.0 if state in GOING else 0.0
            values[series("restarts", name)] = float(self._restarts[name])
        return SourceReading(values)

    def _count(self, name: str, started: int) -> None:
        before = self._started.get(name, started)
        self._restarts[name] = self._restarts.get(name, 0) + (started != before)
        self._started[name] = started
