"""The program: a sample every few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from riverline.contracts import KeyValue
from riverline.errors import Transient
from riverline.monitoring.history import HistoryRecorder
from riverline.monitoring.sample import NOW_KEY, NOW_SECONDS, Sample
from riverline_monitor.derived import complete
from riverline_monitor.exposition import Exposition
from riverline_monitor.sampler import Sampler

log = structlog.get_logger(__name__)


class Monitor:
    """Samples, keeps, and hands each sample to those who judge it. `judges` must not block."""

    def __init__(
        self,
        sampler: Sampler,
        key_value: KeyValue,
        exposition: Exposition,
        judges: tuple[Callable[[Sample], None], ...] = (),
    ) -> None:
        self._sampler, self._key_value, self._exposition, self._judges = sampler, key_value, exposition, judges
        self._recorder = HistoryRecorder(key_value)

    def turn(self) -> Sample:
        """One sample."""
        sample = complete(self._sampler.sample())
        self._exposition.sample = sample
        for judge in self._judges:
            try:
                judge(sample)
            except Exception:  # a judge that fails takes neither the others nor the next sample with it
                log.exception("a sample could not be evaluated")
        self._keep(sample)
        return sample

    def _keep(self, sample: Sample) -> None:
        try:
            self._key_value.put(NOW_KEY, sample.packed(), NOW_SECONDS)
            self._recorder.add(sample)
        except Transient as error:
            log.warning("the sample was not stored", error=str(error))

    def run(self, stopped: threading.Event, every: float) -> None:
        """Turns until it is stopped. A turn that took too long is followed at once by the next."""
        due = time.monotonic()
        while not stopped.is_set():
            self.turn()
            due = max(due + every, time.monotonic())
            stopped.wait(due - time.monotonic())
