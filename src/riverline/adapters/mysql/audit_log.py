"""The trail in MySQL: `accounts.contracts.AuditLog`."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from riverline.accounts.contracts import AuditEntry
from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.tables import audit_entry as table
from riverline.adapters.mysql.tables import milliseconds, moment


class MysqlAuditLog:
    """Thread-safe."""

    def __init__(self, mysql: Database) -> None:
        self._mysql = mysql

    def add(self, actor: str, action: str, subject: str, reason: str = "") -> None:
        row = {"actor": actor, "action": action, "subject": subject, "reason": reason}
        with self._mysql.writing() as connection:
            connection.execute(insert(table).values(row))

    def newest(self, before: int, limit: int, action: str = "") -> list[AuditEntry]:
        wanted = select(table).order_by(table.c.id.desc()).limit(limit)
        if before:
            wanted = wanted.where(table.c.id < before)
        if action:
            wanted = wanted.where(table.c.action.startswith(action, autoescape=True))
        with self._mysql.reading(fresh=True, or_replica=True) as connection:
            return [
                AuditEntry(row.id, milliseconds(row.at), row.actor, row.action, row.subject, row.reason)
                for row in connection.execute(wanted)
            ]

    def forget(self, before_ms: int) -> int:
        with self._mysql.writing() as connection:
            return int(connection.execute(delete(table).where(table.c.at < moment(before_ms))).rowcount)
