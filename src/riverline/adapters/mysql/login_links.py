"""Login links in MySQL: `accounts.contracts.LoginLinks`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from riverline.accounts.contracts import LoginLink
from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.tables import login_link as table
from riverline.adapters.mysql.tables import milliseconds, moment
from riverline.errors import NotFound


class MysqlLoginLinks:
    """Thread-safe."""

    def __init__(self, mysql: Database) -> None:
        self._mysql = mysql

    def add(self, link: LoginLink) -> None:
        row = {name: getattr(link, name) for name in ("digest", "purpose", "email", "name", "user_id")}
        with self._mysql.writing() as connection:
            try:
                connection.execute(insert(table).values(row | {"expires_at": moment(link.expires_at)}))
            except IntegrityError:
                raise NotFound(f"there is no user {link.user_id}") from None

    def find(self, digest: str, now_ms: int) -> LoginLink:
        with self._mysql.reading(fresh=True) as connection:
            return _link(_row(connection, digest, now_ms))

    def use(self, digest: str, now_ms: int) -> LoginLink:
        with self._mysql.writing() as connection:
            row = _row(connection, digest, now_ms, locked=True)
            connection.execute(update(table).where(table.c.id == row.id).values(used_at=moment(now_ms)))
            return _link(row)

    def forget(self, now_ms: int) -> int:
        over = (table.c.expires_at <= moment(now_ms)) | table.c.used_at.is_not(None)
        with self._mysql.writing() as connection:
            return int(connection.execute(delete(table).where(over)).rowcount)


def _row(connection: Connection, digest: str, now_ms: int, locked: bool = False) -> Row[Any]:
    still = table.c.used_at.is_(None) & (table.c.expires_at > moment(now_ms))
    wanted = select(table).where((table.c.digest == digest) & still)
    row = connection.execute(wanted.with_for_update() if locked else wanted).one_or_none()
    if row is None:
        raise NotFound("the link is unknown, was used, or has ended")
    return row


def _link(row: Row[Any]) -> LoginLink:
    return LoginLink(row.digest, row.purpose, row.email, milliseconds(row.expires_at), row.user_id, row.name)
