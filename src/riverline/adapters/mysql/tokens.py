"""Tokens in MySQL: `accounts.contracts.Tokens`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from riverline.accounts.contracts import Token
from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.tables import api_token as table
from riverline.adapters.mysql.tables import milliseconds
from riverline.errors import NotFound


class MysqlTokens:
    """Thread-safe."""

    def __init__(self, mysql: Database) -> None:
        self._mysql = mysql

    def add(self, digest: str, user_id: int | None, scopes: Sequence[str], name: str, expires_at: int | None) -> Token:
        expires = None if expires_at is None else datetime.fromtimestamp(expires_at / 1000, UTC).replace(tzinfo=None)
        row = {"digest": digest, "user_id": user_id, "scopes": " ".join(scopes), "name": name, "expires_at": expires}
        with self._mysql.writing() as connection:
            try:
                added = connection.execute(insert(table).values(row))
            except IntegrityError:
                raise NotFound(f"there is no user {user_id}") from None
            return _token(_row(connection, added.lastrowid))

    def find(self, digest: str) -> Token | None:
        # A replica may not have it yet, so that only the primary can say that there is none.
        return self._look(digest, fresh=False) or self._look(digest, fresh=True)

    def _look(self, digest: str, fresh: bool) -> Token | None:
        with self._mysql.reading(fresh) as connection:
            row = connection.execute(select(table).where(table.c.digest == digest)).one_or_none()
            return _token(row) if row else None

    def all(self, user_id: int | None = None) -> list[Token]:
        chosen = select(table) if user_id is None else select(table).where(table.c.user_id == user_id)
        with self._mysql.reading(fresh=True) as connection:
            return [_token(row) for row in connection.execute(chosen.order_by(table.c.id))]

    def revoke(self, token_id: int) -> Token:
        still = (table.c.id == token_id) & table.c.revoked_at.is_(None)
        with self._mysql.writing() as connection:
            connection.execute(update(table).where(still).values(revoked_at=func.now(3)))
            return _token(_row(connection, token_id))


def _row(connection: Connection, token_id: int) -> Row[Any]:
    row = connection.execute(select(table).where(table.c.id == token_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no token {token_id}")
    return row


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        digest=row.digest,
        user_id=row.user_id,
        scopes=tuple(row.scopes.split()),
        name=row.name,
        created_at=milliseconds(row.created_at),
        expires_at=milliseconds(row.expires_at) if row.expires_at else None,
        revoked_at=milliseconds(row.revoked_at) if row.revoked_at else None,
    )
