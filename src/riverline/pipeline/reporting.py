"""Publishes the state of one task of the topology every few seconds, from a separate thread.

It never holds up the task: while Redis is away the state is dropped, with one line in the log when that begins and
one when it ends.
"""

from __future__ import annotations

import logging
import threading
import time

from riverline.errors import Transient
from riverline.pipeline.contracts import Stages
from riverline.telemetry import Stage

PERIOD = 5.0  # seconds

log = logging.getLogger("riverline.stage")


class Reporter(threading.Thread):
    """Ends with its process, or at `stop`."""

    def __init__(self, stage: Stage, stages: Stages, period: float = PERIOD) -> None:
        super().__init__(name="reporter", daemon=True)
        self.stage, self.stages, self.period = stage, stages, period
        self._heard = True
        self._stopped, self._woken = threading.Event(), threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            self._woken.wait(self.period)
            self._woken.clear()
            self.report()

    def soon(self) -> None:
        """Publishes now rather than at the end of the period."""
        self._woken.set()

    def report(self) -> None:
        """Publishes the state once. Never raises."""
        try:
            self.stages.publish(self.stage.state(time.time_ns() // 1_000_000))
        except Transient as error:
            self._say(False, "states of this task are not published: %s", error)
        except Exception as error:  # a fault here must not end the thread, nor fill the log
            self._say(False, "states of this task are not published: %r", error)
        else:
            self._say(True, "states of this task are published again")

    def stop(self) -> None:
        self._stopped.set()
        self._woken.set()

    def _say(self, heard: bool, line: str, *values: object) -> None:
        if heard != self._heard:
            self._heard = heard
            log.warning(line, *values)
