"""Users and posts in memory, with the real outbox: its SQL runs on SQLite, by the simulated clock.

`power` and `least` are MariaDB's, which compares an integer with a double as decimals, of 81 digits at most.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool

from riverline.adapters.mysql import outbox
from riverline.adapters.mysql.tables import outbox as table
from riverline.feed.contracts import Job
from riverline.feed.influence import Thresholds
from riverline.testing.memory_feed_repository import MemoryFeedRepository
from tests.simulation.clock import Clock

LARGEST_DECIMAL = 10**81
FORM = "%Y-%m-%d %H:%M:%S.%f"


class Ledger(MemoryFeedRepository):
    """`MemoryFeedRepository` in which time passes: a job is overdue when the table of the outbox says so."""

    def __init__(self, clock: Clock, thresholds: Thresholds = Thresholds(up=3, down=2)) -> None:
        super().__init__(thresholds, clock.now_ms)
        self._clock = clock
        engine = create_engine("sqlite://", poolclass=StaticPool)
        event.listen(engine, "before_cursor_execute", _translated, retval=True)
        self._connection = engine.connect()
        self._speak_mysql(self._connection.connection.driver_connection)

    def _speak_mysql(self, database: Any) -> None:
        zero = ("attempts", "failures")
        names = ", ".join(f"{c.name} DEFAULT {0 if c.name in zero else 'NULL'}" for c in table.c if c.name != "id")
        database.execute(f"CREATE TABLE outbox (id INTEGER PRIMARY KEY, {names})")
        database.create_function("simulated_now", 0, lambda: self._at(0))
        database.create_function("timestampadd", 3, lambda _, seconds, at: _add(at, seconds))
        database.create_function("power", 2, lambda base, exponent: float(base) ** exponent)
        database.create_function("least", 2, _least)
        database.create_function("if", 3, lambda test, yes, no: yes if test else no)

    def _at(self, seconds: float) -> str:
        return datetime.fromtimestamp(self._clock.time() + seconds, UTC).strftime(FORM)

    def _job(self, task: str, **payload: Any) -> Job:
        added = outbox.add(self._connection, task, payload)
        self._connection.commit()
        job = Job(added.id, task, payload)
        self.outbox[job.id] = job
        return job

    def progress(self, job: Job, after: int) -> None:
        super().progress(job, after)
        outbox.progress(self._connection, job, after)
        self._connection.commit()

    def done(self, job_id: int) -> None:
        super().done(job_id)
        outbox.done(self._connection, job_id)
        self._connection.commit()

    def overdue(self, limit: int, waiting: float = 0.0) -> list[Job]:
        """Raises sqlite3.OperationalError where MariaDB would say that a number is out of range."""
        if not self.outbox:
            return []  # most of the time: the table need not be asked
        try:
            jobs = outbox.overdue(self._connection, limit, waiting)
        except Exception:
            self._connection.rollback()
            raise
        self._connection.commit()
        return jobs

    def late(self, seconds: int) -> bool:
        return bool(self.outbox)

    def close(self) -> None:
        self._connection.close()


def _translated(_c: Any, _k: Any, statement: str, values: Any, _x: Any, _m: bool) -> tuple[str, Sequence[Any]]:
    statement = statement.replace("timestampadd(SECOND", "timestampadd('SECOND'")
    return statement.replace("CURRENT_TIMESTAMP", "simulated_now()"), values


def _add(at: str, seconds: float) -> str:
    return (datetime.strptime(at, FORM) + timedelta(seconds=float(seconds))).strftime(FORM)


def _least(one: float, other: float) -> float:
    if max(one, other) >= LARGEST_DECIMAL:
        raise sqlite3.OperationalError("DOUBLE value is out of range")
    return min(one, other)
