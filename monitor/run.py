"""The program: a turn every few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from monitor.derived import complete
from monitor.exposition import Exposition
from monitor.sampler import Sampler
from riverline.errors import Transient
from riverline.monitoring.history import Recorder
from riverline.monitoring.sample import NOW_KEY, NOW_SECONDS, Sample
from riverline.stores.contracts import Scratch

log = structlog.get_logger(__name__)


class Monitor:
    """Samples, keeps, and hands each sample to those who judge it. `judges` must not block."""

    def __init__(
        self,
        sampler: Sampler,
        scratch: Scratch,
        exposition: Exposition,
        judges: tuple[Callable[[Sample], None], ...] = (),
    ) -> None:
        self._sampler, self._scratch, self._exposition, self._judges = sampler, scratch, exposition, judges
        self._recorder = Recorder(scratch)

    def turn(self) -> Sample:
        """One sample."""
        sample = complete(self._sampler.sample())
        self._exposition.sample = sample
        for judge in self._judges:
            try:
                judge(sample)
            except Exception:  # a judge that fails takes neither the others nor the next sample with it
                log.exception("a sample could not be judged")
        self._keep(sample)
        return sample

    def _keep(self, sample: Sample) -> None:
        try:
            self._scratch.put(NOW_KEY, sample.packed(), NOW_SECONDS)
            self._recorder.add(sample)
        except Transient as error:
            log.warning("the sample was not kept", error=str(error))

    def run(self, stopped: threading.Event, every: float) -> None:
        """Turns until it is stopped. A turn that took too long is followed at once by the next."""
        due = time.monotonic()
        while not stopped.is_set():
            self.turn()
            due = max(due + every, time.monotonic())
            stopped.wait(due - time.monotonic())
