"""The clock of the periodic tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler

SLACK = timedelta(seconds=1)


class SteadyScheduler(PersistentScheduler):
    """Celery's own, which goes on when the machine's clock goes back.

    Celery keeps when each task was last sent, also over a restart, and sends it an interval later by the wall clock. A
    clock that was an hour ahead would leave every periodic task out for an hour.
    """

    def tick(self, *args: Any, **options: Any) -> float:
        """Sends what is due; returns the seconds until it wants to be called again."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now + SLACK]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # which orders the tasks by their next times
        wait: float = super().tick(*args, **options)
        return wait
