"""The number of waiting dead letters."""

from __future__ import annotations

from riverline.pipeline.contracts import LetterState
from riverline.pipeline.dead_letters import DeadLetterQueue
from riverline_monitor.sampler import SourceReading


class LettersSource:
    """Keeps the catalogue of dead letters up with the topic, whether or not anybody looks at it."""

    def __init__(self, queue: DeadLetterQueue) -> None:
        self._queue = queue

    def read(self) -> SourceReading:
        self._queue.catch_up()
        return SourceReading({"dead_letters_waiting": self._queue.catalogue.counts()[LetterState.WAITING]})
