"""Copies records that could not be processed from their topics into the dead letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from riverline.model import Fate, Origin
from riverline.newest import Newest
from riverline.pipeline.contracts import Failure, PageLog

REMEMBERED = 20_000  # records that were copied lately


class DeadLetterCopies:
    """Copies a record once, however often it is asked to while the index cannot take the fate. Not thread-safe.

    A process that was killed between the copy and the fate copies the record once more: both name the same origin.
    """

    def __init__(self, log: PageLog, now_ms: Callable[[], int]) -> None:
        self._log, self._now_ms = log, now_ms
        self._buried: Newest[str, None] = Newest(REMEMBERED)

    def bury(self, fates: Sequence[Fate]) -> None:
        """To be done before the fates are written. Raises Transient until the brokers have acknowledged every copy."""
        if not fates:
            return
        new = {fate.origin: fate for fate in fates if fate.origin not in self._buried}
        for record in self._log.records_at([Origin.parse(origin) for origin in new]) if new else ():
            fate = new.pop(str(Origin(record.topic, record.partition, record.offset)))
            self._log.bury_raw(record, self._failure(fate))
            self._buried.put(fate.origin, None)
        for origin in new:  # Kafka does not hold them any more
            self._buried.put(origin, None)
        self._log.flush()

    def _failure(self, fate: Fate) -> Failure:
        origin = Origin.parse(fate.origin)
        error = f"{fate.reason}: {fate.error}" if fate.reason else fate.error
        return Failure(origin, fate.stage, error, fate.attempts, self._now_ms(), fate.traceback)
