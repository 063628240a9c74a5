"""Targets in MySQL: `crawl.contracts.Targets`. The definition is one JSON text; what queries ask for has columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, func, insert, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.tables import crawl_target as table
from riverline.adapters.mysql.tables import milliseconds
from riverline.crawl.contracts import LEASE_SECONDS, LONGEST_LEASE_SECONDS, StoredTarget
from riverline.crawl.targets import target_of
from riverline.errors import Conflict, NotFound
from riverline.model import Target

MICROSECOND = text("MICROSECOND")


class MysqlTargets:
    """Thread-safe. The clock is the server's, so that crawlers on several machines agree."""

    def __init__(self, mysql: Database) -> None:
        self._mysql = mysql

    def add(self, target: Target) -> StoredTarget:
        with self._mysql.writing() as connection:
            try:
                connection.execute(insert(table).values(_columns(target)))
            except IntegrityError:
                raise Conflict(f"there is a target {target.name} already") from None
            return _entry(_row(connection, target.name))

    def all(self) -> list[StoredTarget]:
        with self._mysql.reading(fresh=True, or_replica=True) as connection:
            return [_entry(row) for row in connection.execute(select(table).order_by(table.c.name))]

    def get(self, name: str) -> StoredTarget:
        with self._mysql.reading(fresh=True, or_replica=True) as connection:
            return _entry(_row(connection, name))

    def replace(self, name: str, target: Target) -> StoredTarget:
        with self._mysql.writing() as connection:
            row = _row(connection, name, locked=True)
            revision = row.revision + (_entry(row).target != target)
            changed = _columns(target) | {"revision": revision, "due_at": func.now(3)}
            try:
                connection.execute(update(table).where(table.c.id == row.id).values(changed))
            except IntegrityError:
                raise Conflict(f"there is a target {target.name} already") from None
            return _entry(_row(connection, target.name))

    def remove(self, name: str) -> None:
        with self._mysql.writing() as connection:
            connection.execute(delete(table).where(table.c.id == _row(connection, name, locked=True).id))

    def claim(self, worker: str, limit: int) -> list[StoredTarget]:
        ended = or_(table.c.leased_until < func.now(3), table.c.leased_until > _in(LONGEST_LEASE_SECONDS))
        free = or_(table.c.leased_until.is_(None), ended)
        due = select(table).where(table.c.enabled, table.c.due_at <= func.now(3), free)
        first = due.order_by(table.c.priority.desc(), table.c.due_at, table.c.id).limit(limit)
        with self._mysql.writing() as connection:
            # Another crawler's claim is passed over, not waited for.
            rows = connection.execute(first.with_for_update(skip_locked=True)).all()
            if rows:
                taken = update(table).where(table.c.id.in_([row.id for row in rows]))
                connection.execute(taken.values(leased_by=worker, leased_until=_in(LEASE_SECONDS)))
        return [_entry(row) for row in rows]

    def renew(self, worker: str, progress: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
        if not progress:
            return {}
        with self._mysql.writing() as connection:
            own = select(table.c.id, table.c.revision).where(
                table.c.id.in_(progress), table.c.leased_by == worker, table.c.enabled
            )
            held = {row.id: row.revision for row in connection.execute(own.with_for_update())}
            for id_ in held:
                noted = {"leased_until": _in(LEASE_SECONDS), "progress": orjson.dumps(progress[id_]).decode()}
                connection.execute(update(table).where(table.c.id == id_).values(noted))
        return held

    def release(self, worker: str, ids: Sequence[int], due_in: float | None, progress: Mapping[str, Any]) -> None:
        values: dict[str, Any] = {"leased_by": "", "leased_until": None}
        if due_in is not None:
            values |= {"due_at": _in(due_in), "progress": orjson.dumps(progress).decode()}
        with self._mysql.writing() as connection:
            own = update(table).where(table.c.id.in_(ids), table.c.leased_by == worker)
            connection.execute(own.values(values))


def _columns(target: Target) -> dict[str, Any]:
    return {
        "name": target.name,
        "kind": target.kind,
        "enabled": target.enabled,
        "priority": target.priority,
        "definition": orjson.dumps(asdict(target)).decode(),
        "updated_at": func.now(3),
    }


def _row(connection: Connection, name: str, locked: bool = False) -> Row[Any]:
    one = select(table).where(table.c.name == name)
    row = connection.execute(one.with_for_update() if locked else one).one_or_none()
    if row is None:
        raise NotFound(f"there is no target {name}")
    return row


def _entry(row: Row[Any]) -> StoredTarget:
    return StoredTarget(
        id=row.id,
        target=target_of(orjson.loads(row.definition)),
        revision=row.revision,
        due_at=milliseconds(row.due_at),
        worker=row.leased_by,
        leased_until=milliseconds(row.leased_until) if row.leased_until else 0,
        progress=orjson.loads(row.progress) if row.progress else {},
    )


def _in(seconds: float) -> Any:
    return func.timestampadd(MICROSECOND, round(seconds * 1_000_000), func.now(3))
