"""What was taken down, in MySQL: `accounts.contracts.TakeDowns`."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select
from sqlalchemy.dialects.mysql import insert

from riverline.accounts.contracts import TakenDown
from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.tables import milliseconds
from riverline.adapters.mysql.tables import taken_down as table
from riverline.errors import NotFound


class MysqlTakeDowns:
    """Thread-safe."""

    def __init__(self, mysql: Database) -> None:
        self._mysql = mysql

    def add(self, kind: str, subject: str, reason: str) -> TakenDown:
        digest = sha256(f"{kind}\0{subject}".encode()).hexdigest()
        added = insert(table).values(kind=kind, digest=digest, subject=subject, reason=reason)
        with self._mysql.writing() as connection:
            connection.execute(added.on_duplicate_key_update(reason=reason, at=func.now(3)))
            return _one(connection, table.c.digest == digest)

    def remove(self, take_down_id: int) -> TakenDown:
        with self._mysql.writing() as connection:
            found = _one(connection, table.c.id == take_down_id)
            connection.execute(delete(table).where(table.c.id == take_down_id))
            return found

    def all(self) -> list[TakenDown]:
        with self._mysql.reading(fresh=True) as connection:
            return [_taken_down(row) for row in connection.execute(select(table).order_by(table.c.id.desc()))]


def _one(connection: Connection, which: Any) -> TakenDown:
    row = connection.execute(select(table).where(which)).one_or_none()
    if row is None:
        raise NotFound("nothing like that was taken down")
    return _taken_down(row)


def _taken_down(row: Row[Any]) -> TakenDown:
    return TakenDown(row.id, row.kind, row.subject, row.reason, milliseconds(row.at))
