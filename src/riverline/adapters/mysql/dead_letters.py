"""The catalogue of the dead letters in MySQL: `pipeline.contracts.DeadLetterCatalogue`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.mysql import insert

from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.tables import dead_letter as letters
from riverline.adapters.mysql.tables import dead_letter_position as positions
from riverline.adapters.mysql.tables import milliseconds
from riverline.pipeline.contracts import UNSETTLED, Buried, DeadLetter, LetterQuery, LetterState

NEVER = datetime(2000, 1, 1)
MOST = (1 << 31) - 1  # that a column of numbers takes
SLICE = 500  # places or ids of one statement


class MysqlDeadLetters:
    """Thread-safe."""

    def __init__(self, mysql: Database) -> None:
        self._mysql = mysql

    def position(self, partition: int) -> int:
        found = select(positions.c.next_offset).where(positions.c.place_partition == partition)
        with self._mysql.reading(fresh=True) as connection:
            return connection.execute(found).scalar() or 0

    def add(self, partition: int, start: int, stop: int, buried: Sequence[Buried]) -> bool:
        own = positions.c.place_partition == partition
        with self._mysql.writing() as connection:
            connection.execute(insert(positions).prefix_with("IGNORE").values(place_partition=partition, next_offset=0))
            known = connection.execute(select(positions.c.next_offset).where(own).with_for_update()).scalar_one()
            if known > start:  # another process was faster
                return False
            for one in buried:
                _take(connection, one)
            connection.execute(update(positions).where(own).values(next_offset=stop))
        return True

    def forget(self, partition: int, before: int) -> None:
        gone = (letters.c.place_partition == partition, letters.c.place_offset < before)
        with self._mysql.writing() as connection:
            connection.execute(delete(letters).where(*gone))

    def restart(self, partition: int) -> None:
        with self._mysql.writing() as connection:
            connection.execute(delete(letters).where(letters.c.place_partition == partition))
            connection.execute(delete(positions).where(positions.c.place_partition == partition))

    def page(self, query: LetterQuery) -> list[DeadLetter]:
        found = select(letters).order_by(letters.c.id.desc()).limit(query.limit)
        if query.state is not None:
            found = found.where(letters.c.state == query.state.value)
        if query.partition is not None:
            found = found.where(letters.c.place_partition == query.partition)
        if query.stage:
            found = found.where(letters.c.stage == query.stage)
        if query.reason:
            found = found.where(letters.c.error.startswith(query.reason, autoescape=True))
        if query.url:
            found = found.where(letters.c.url.contains(query.url, autoescape=True))
        if query.before is not None:
            found = found.where(letters.c.id < query.before)
        return self._found(found, or_replica=True)

    def at(self, places: Collection[tuple[int, int]]) -> list[DeadLetter]:
        place = tuple_(letters.c.place_partition, letters.c.place_offset)
        return [one for some in _slices(sorted(places)) for one in self._found(select(letters).where(place.in_(some)))]

    def unreviewed(self, before_ms: int, limit: int) -> list[DeadLetter]:
        open_ones = letters.c.state.in_([state.value for state in UNSETTLED])
        found = select(letters).where(open_ones, letters.c.reviewed_at < _time(before_ms))
        return self._found(found.order_by(letters.c.reviewed_at).limit(limit))

    def review(self, ids: Collection[int], at_ms: int) -> None:
        for some in _slices(sorted(ids)):
            latest = func.greatest(letters.c.reviewed_at, _time(at_ms))
            with self._mysql.writing() as connection:
                connection.execute(update(letters).where(letters.c.id.in_(some)).values(reviewed_at=latest))

    def mark(self, chosen: Sequence[DeadLetter], state: LetterState, at_ms: int) -> int:
        marked = 0
        for before in {one.state for one in chosen}:
            for origin_part in _slices([(one.id, one.origin) for one in chosen if one.state is before]):
                same = tuple_(letters.c.id, letters.c.origin).in_(origin_part)
                with self._mysql.writing() as connection:
                    changed = update(letters).where(same, letters.c.state == before.value)
                    marked += connection.execute(changed.values(state=state.value, state_at=_time(at_ms))).rowcount
        return marked

    def counts(self) -> dict[LetterState, int]:
        counted = select(letters.c.state, func.count()).group_by(letters.c.state)
        with self._mysql.reading(fresh=True, or_replica=True) as connection:
            found = {state: count for state, count in connection.execute(counted)}  # noqa: C416
        return {state: found.get(state.value, 0) for state in LetterState}

    def newest(self) -> int:
        with self._mysql.reading(fresh=True) as connection:
            return connection.execute(select(func.max(letters.c.id))).scalar() or 0

    def waiting_after(self, letter_id: int) -> int:
        wanted = (letters.c.id > letter_id, letters.c.state == LetterState.WAITING.value)
        with self._mysql.reading(fresh=True) as connection:
            return connection.execute(select(func.count()).where(*wanted)).scalar_one()

    def _found(self, wanted: Any, or_replica: bool = False) -> list[DeadLetter]:
        with self._mysql.reading(fresh=True, or_replica=or_replica) as connection:
            return [_letter(row) for row in connection.execute(wanted)]


def _take(connection: Connection, one: Buried) -> None:
    """A new letter, or one more failure, or one more copy of a failure that is known."""
    same = or_(letters.c.root == one.root, letters.c.origin == one.root)
    known = connection.execute(select(letters).where(same).limit(1).with_for_update()).first()
    place = {"place_partition": one.partition, "place_offset": one.offset}
    told = {"stage": one.stage, "error": one.error, "failed_at": _time(one.failed_at)}
    if known is None:
        row = {"root": one.root, "origin": one.origin, "url": one.url, "attempts": one.attempts, **place, **told}
        connection.execute(insert(letters).values(**row, reviewed_at=NEVER))
        return
    again: dict[str, Any] = {}
    if (known.origin, known.url) != (one.origin, one.url):
        again = {
            "origin": one.origin,
            "attempts": min(known.attempts + one.attempts, MOST),
            "failures": known.failures + 1,
        }
        again |= {"url": one.url, "state": LetterState.WAITING.value, "state_at": func.now(3), **told}
    connection.execute(update(letters).where(letters.c.id == known.id).values(**place, **again))


def _letter(row: Row[Any]) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        root=row.root,
        origin=row.origin,
        url=row.url,
        partition=row.place_partition,
        offset=row.place_offset,
        stage=row.stage,
        error=row.error,
        attempts=row.attempts,
        failures=row.failures,
        failed_at=None if row.failed_at is None else milliseconds(row.failed_at),
        state=LetterState(row.state),
        state_at=milliseconds(row.state_at),
    )


def _time(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).replace(tzinfo=None)


def _slices(values: Sequence[Any]) -> Iterator[list[Any]]:
    rest = iter(values)
    while some := list(islice(rest, SLICE)):
        yield some
