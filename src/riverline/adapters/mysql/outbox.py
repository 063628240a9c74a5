"""The outbox: jobs that follow from a change, written in the change's own transaction, open until they are done."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, func, insert, null, or_, select, text, update

from riverline.adapters.mysql.tables import milliseconds, outbox
from riverline.feed.contracts import MOST_FAILURES, Job, Parked

GRACE_SECONDS = 10  # in which a job that was sent, or that goes on, is not sent again
LONGEST_PAUSE_SECONDS = 300
MOST_DOUBLINGS = 5  # of the pause: more is longer than the longest one; MariaDB refuses a number that grows too large
ERROR_LENGTH = 2_000  # characters of an error that are kept
KEPT_DAYS = 1  # jobs that are done


def add(connection: Connection, task: str, payload: Mapping[str, Any]) -> Job:
    """A new job, sent again by the sweep if nothing is heard of it."""
    row = {"task": task, "payload": orjson.dumps(payload).decode(), "due_at": _in(GRACE_SECONDS)}
    added = connection.execute(insert(outbox).values(row))
    return Job(added.lastrowid, task, payload)


def progress(connection: Connection, job: Job, after: int) -> None:
    """Notes how far a job has come: it goes on from there."""
    payload = orjson.dumps({**job.payload, "after": after}).decode()
    _open(connection, job.id, {"payload": payload, "due_at": _in(GRACE_SECONDS), "failures": 0})


def done(connection: Connection, job_id: int) -> None:
    """Notes that a job is done."""
    _open(connection, job_id, {"done_at": func.now(3)})


def _open(connection: Connection, job_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(outbox).where(outbox.c.id == job_id, outbox.c.done_at.is_(None)).values(values))


def overdue(connection: Connection, limit: int, waiting: float) -> list[Job]:
    """Open jobs that have been due for `waiting` seconds; each is due again after a pause that grows with its attempts.
    Others skip what this transaction holds."""
    # No pause is that long: it was written while the server's clock was ahead.
    misdated = outbox.c.due_at > _in(GRACE_SECONDS + LONGEST_PAUSE_SECONDS)
    due = select(outbox).where(*_WAITING, or_(outbox.c.due_at <= _in(-math.ceil(waiting)), misdated))
    rows = connection.execute(due.order_by(outbox.c.due_at).limit(limit).with_for_update(skip_locked=True)).all()
    doubled = func.power(2, func.least(outbox.c.attempts, MOST_DOUBLINGS))
    pause = func.least(GRACE_SECONDS * doubled, LONGEST_PAUSE_SECONDS)
    again = func.timestampadd(text("SECOND"), pause, func.now(3))
    if rows:
        chosen = outbox.c.id.in_([row.id for row in rows])
        # Set from left to right: the pause is that of the attempts before this one.
        connection.execute(update(outbox).where(chosen).ordered_values((outbox.c.due_at, again), _one_more()))
    return [job for row in rows if (job := _readable(connection, row))]


def _readable(connection: Connection, row: Row[Any]) -> Job | None:
    """The job of a row; one that nobody can read is parked, so that the others are sent."""
    try:
        return _job(row)
    except ValueError as error:
        connection.execute(
            update(outbox).where(outbox.c.id == row.id).values(parked_at=func.now(3), error=_short(str(error)))
        )
        return None


def _job(row: Row[Any]) -> Job:
    """Raises ValueError when the payload is not a JSON object."""
    payload = orjson.loads(row.payload)
    if not isinstance(payload, dict):
        raise ValueError("the payload is not a JSON object")
    return Job(row.id, row.task, payload)


def _one_more() -> tuple[Any, Any]:
    return outbox.c.attempts, outbox.c.attempts + 1


def late(connection: Connection, seconds: int, besides: Sequence[str]) -> bool:
    """Whether a job has been open for longer, one of `besides` left out."""
    wanted = (*_WAITING, outbox.c.created_at < _in(-seconds), outbox.c.task.not_in(besides))
    return connection.execute(select(outbox.c.id).where(*wanted).limit(1)).first() is not None


def depth(connection: Connection) -> tuple[int, int]:
    """How many jobs are open and not parked, and for how many seconds the oldest has been."""
    age = func.timestampdiff(text("SECOND"), func.min(outbox.c.created_at), func.now(3))
    count, oldest = connection.execute(select(func.count(), age).where(*_WAITING)).one()
    return count, oldest or 0


def failed(connection: Connection, job_id: int, error: str) -> bool:
    """Counts a failure while all servers answered. Returns whether the job is now parked: it failed too often."""
    parks = func.if_(outbox.c.failures >= MOST_FAILURES, func.now(3), null())
    # Set from left to right: what is compared is the new count.
    values = ((outbox.c.failures, outbox.c.failures + 1), (outbox.c.error, _short(error)), (outbox.c.parked_at, parks))
    changed = update(outbox).where(outbox.c.id == job_id, *_WAITING).ordered_values(*values)
    connection.execute(changed)
    return connection.execute(select(outbox.c.id).where(outbox.c.id == job_id, *_PARKED)).first() is not None


def parked(connection: Connection, after: int, limit: int) -> list[Parked]:
    """Parked jobs above the id `after`, by ascending id."""
    wanted = select(outbox).where(*_PARKED, outbox.c.id > after).order_by(outbox.c.id).limit(limit)
    return [_parked(row) for row in connection.execute(wanted)]


def _parked(row: Row[Any]) -> Parked:
    try:
        job = _job(row)
    except ValueError:
        job = Job(row.id, row.task, {"unreadable": row.payload})
    return Parked(job, row.failures, row.error or "", milliseconds(row.created_at), milliseconds(row.parked_at))


def parked_by_task(connection: Connection) -> dict[str, int]:
    """How many jobs are parked, by their task."""
    counted = select(outbox.c.task, func.count()).where(*_PARKED).group_by(outbox.c.task)
    return {row.task: row[1] for row in connection.execute(counted)}


def unpark(connection: Connection, job_ids: Sequence[int]) -> int:
    """Lets parked jobs be sent again at once. Returns how many there were."""
    values = {"parked_at": None, "failures": 0, "attempts": 0, "due_at": func.now(3)}
    return connection.execute(update(outbox).where(*_PARKED, outbox.c.id.in_(job_ids)).values(values)).rowcount


def purge(connection: Connection, limit: int) -> int:
    """Forgets jobs that were done more than a day ago, at most `limit` of them. Returns how many."""
    old = outbox.c.done_at < func.timestampadd(text("DAY"), -KEPT_DAYS, func.now(3))
    chosen: Sequence[int] = connection.execute(select(outbox.c.id).where(old).limit(limit)).scalars().all()
    connection.execute(delete(outbox).where(outbox.c.id.in_(chosen)))
    return len(chosen)


_WAITING = (outbox.c.done_at.is_(None), outbox.c.parked_at.is_(None))
_PARKED = (outbox.c.done_at.is_(None), outbox.c.parked_at.is_not(None))


def _short(error: str) -> str:
    return error[:ERROR_LENGTH]


def _in(seconds: int) -> Any:
    return func.timestampadd(text("SECOND"), seconds, func.now(3))
