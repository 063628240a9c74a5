"""The outbox: jobs that follow from a change, written in the change's own transaction, open until they are done."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select, text, update

from riverline.stores.tables import outbox
from riverline.timeline.ports import Job

GRACE_SECONDS = 10  # in which a job that was sent, or that goes on, is not sent again
LONGEST_PAUSE_SECONDS = 300
KEPT_DAYS = 1  # jobs that are done


def add(connection: Connection, task: str, payload: Mapping[str, Any]) -> Job:
    """A new job, sent again by the sweep if nothing is heard of it."""
    row = {"task": task, "payload": orjson.dumps(payload).decode(), "due_at": _in(GRACE_SECONDS)}
    added = connection.execute(insert(outbox).values(row))
    return Job(added.lastrowid, task, payload)


def progress(connection: Connection, job: Job, after: int) -> None:
    """Notes how far a job has come: it goes on from there."""
    payload = orjson.dumps({**job.payload, "after": after}).decode()
    _open(connection, job.id, {"payload": payload, "due_at": _in(GRACE_SECONDS)})


def done(connection: Connection, job_id: int) -> None:
    """Notes that a job is done."""
    _open(connection, job_id, {"done_at": func.now(3)})


def _open(connection: Connection, job_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(outbox).where(outbox.c.id == job_id, outbox.c.done_at.is_(None)).values(values))


def overdue(connection: Connection, limit: int, waiting: float) -> list[Job]:
    """Open jobs that have been due for `waiting` seconds; each is due again after a pause that grows with its attempts.
    Others skip what this transaction holds."""
    due = select(outbox).where(outbox.c.done_at.is_(None), outbox.c.due_at <= _in(-math.ceil(waiting)))
    rows = connection.execute(due.order_by(outbox.c.due_at).limit(limit).with_for_update(skip_locked=True)).all()
    pause = func.least(GRACE_SECONDS * func.power(2, outbox.c.attempts), LONGEST_PAUSE_SECONDS)
    again = func.timestampadd(text("SECOND"), pause, func.now(3))
    if rows:
        chosen = outbox.c.id.in_([row.id for row in rows])
        # Set from left to right: the pause is that of the attempts before this one.
        connection.execute(update(outbox).where(chosen).ordered_values((outbox.c.due_at, again), _one_more()))
    return [Job(row.id, row.task, orjson.loads(row.payload)) for row in rows]


def _one_more() -> tuple[Any, Any]:
    return outbox.c.attempts, outbox.c.attempts + 1


def late(connection: Connection, seconds: int, besides: Sequence[str]) -> bool:
    """Whether a job has been open for longer, one of `besides` left out."""
    wanted = (outbox.c.done_at.is_(None), outbox.c.created_at < _in(-seconds), outbox.c.task.not_in(besides))
    return connection.execute(select(outbox.c.id).where(*wanted).limit(1)).first() is not None


def depth(connection: Connection) -> tuple[int, int]:
    """How many jobs are open, and for how many seconds the oldest has been."""
    age = func.timestampdiff(text("SECOND"), func.min(outbox.c.created_at), func.now(3))
    count, oldest = connection.execute(select(func.count(), age).where(outbox.c.done_at.is_(None))).one()
    return count, oldest or 0


def purge(connection: Connection, limit: int) -> int:
    """Forgets jobs that were done more than a day ago, at most `limit` of them. Returns how many."""
    old = outbox.c.done_at < func.timestampadd(text("DAY"), -KEPT_DAYS, func.now(3))
    chosen: Sequence[int] = connection.execute(select(outbox.c.id).where(old).limit(limit)).scalars().all()
    connection.execute(delete(outbox).where(outbox.c.id.in_(chosen)))
    return len(chosen)


def _in(seconds: int) -> Any:
    return func.timestampadd(text("SECOND"), seconds, func.now(3))
