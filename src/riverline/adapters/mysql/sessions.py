"""Sessions of browsers in MySQL: `accounts.contracts.Sessions`."""

from __future__ import annotations

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.exc import IntegrityError

from riverline.accounts.contracts import BrowserSession
from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.tables import api_token, moment, user
from riverline.adapters.mysql.tables import browser_session as table
from riverline.errors import NotFound


class MysqlSessions:
    """Thread-safe. What has ended is over at once, for all processes: only the primary is asked, while there is one."""

    def __init__(self, mysql: Database) -> None:
        self._mysql = mysql

    def begin(self, digest: str, user_id: int | None, token_id: int | None, expires_at: int) -> None:
        row = {"digest": digest, "user_id": user_id, "token_id": token_id, "expires_at": moment(expires_at)}
        with self._mysql.writing() as connection:
            try:
                connection.execute(insert(table).values(row))
            except IntegrityError:
                raise NotFound(f"there is no user {user_id}") from None

    def find(self, digest: str, now_ms: int) -> BrowserSession | None:
        now = moment(now_ms)
        whole = table.outerjoin(user, user.c.id == table.c.user_id)
        whole = whole.outerjoin(api_token, api_token.c.id == table.c.token_id)
        of_token = or_(api_token.c.expires_at.is_(None), api_token.c.expires_at > now)
        wanted = select(table.c.user_id, table.c.token_id, user.c.name, api_token.c.scopes).select_from(whole)
        wanted = wanted.where(
            table.c.digest == digest, table.c.expires_at > now, api_token.c.revoked_at.is_(None), of_token
        )
        with self._mysql.reading(fresh=True, or_replica=True) as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        return BrowserSession(digest, row.user_id, row.name or "", row.token_id, tuple((row.scopes or "").split()))

    def end(self, digest: str) -> None:
        with self._mysql.writing() as connection:
            connection.execute(delete(table).where(table.c.digest == digest))

    def end_all(self, user_id: int) -> int:
        with self._mysql.writing() as connection:
            return int(connection.execute(delete(table).where(table.c.user_id == user_id)).rowcount)

    def forget(self, now_ms: int) -> int:
        with self._mysql.writing() as connection:
            return int(connection.execute(delete(table).where(table.c.expires_at <= moment(now_ms))).rowcount)
