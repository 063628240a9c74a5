"""Incidents, silences and actions in MySQL: `monitoring.contracts.Incidents`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.mysql import insert

from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.tables import incident as incidents
from riverline.adapters.mysql.tables import milliseconds
from riverline.adapters.mysql.tables import scale_action as actions
from riverline.adapters.mysql.tables import silence as silences
from riverline.errors import NotFound
from riverline.monitoring.contracts import Incident, ScaleAction, Silence

SUBJECT, REASON = 190, 500  # characters


class MysqlIncidents:
    """Thread-safe."""

    def __init__(self, mysql: Database) -> None:
        self._mysql = mysql

    def save(self, incident: Incident) -> None:
        row = {
            "rule": incident.rule,
            "subject": incident.subject[:SUBJECT],
            "severity": incident.severity,
            "began_at": _time(incident.since),
            "ended_at": _time(incident.until),
            "told_at": _time(incident.told),
            "over_told": incident.over_told,
            "value": incident.value,
            "sentence": incident.sentence,
        }
        written = insert(incidents).values(row)
        changes = {name: written.inserted[name] for name in row if name not in ("rule", "subject", "began_at")}
        with self._mysql.writing() as connection:
            connection.execute(written.on_duplicate_key_update(changes))

    def open(self) -> list[Incident]:
        chosen = select(incidents).where(incidents.c.over_told.is_(False)).order_by(incidents.c.began_at)
        with self._mysql.reading(fresh=True) as connection:
            return [_incident(row) for row in connection.execute(chosen)]

    def page(self, limit: int, before: int | None = None, going_on: bool = False) -> list[tuple[int, Incident]]:
        chosen = select(incidents).order_by(incidents.c.id.desc()).limit(limit)
        if before is not None:
            chosen = chosen.where(incidents.c.id < before)
        if going_on:
            chosen = chosen.where(incidents.c.ended_at.is_(None))
        with self._mysql.reading(fresh=True, or_replica=True) as connection:
            return [(row.id, _incident(row)) for row in connection.execute(chosen)]

    def silence(self, rule: str, subject: str, until: int, reason: str) -> Silence:
        subject, reason = subject[:SUBJECT], reason[:REASON]
        row = {"rule": rule, "subject": subject, "ends_at": _time(until), "reason": reason}
        with self._mysql.writing() as connection:
            made = connection.execute(plain_insert(silences).values(row))
            return Silence(made.lastrowid, rule, subject, until, reason)

    def silences(self, at: int) -> list[Silence]:
        chosen = select(silences).where(silences.c.ends_at > _time(at)).order_by(silences.c.id)
        with self._mysql.reading(fresh=True) as connection:
            return [
                Silence(row.id, row.rule, row.subject, milliseconds(row.ends_at), row.reason)
                for row in connection.execute(chosen)
            ]

    def unsilence(self, silence_id: int) -> None:
        with self._mysql.writing() as connection:
            if not connection.execute(delete(silences).where(silences.c.id == silence_id)).rowcount:
                raise NotFound(f"there is no silence {silence_id}")

    def note(self, action: ScaleAction) -> None:
        row = {"at": _time(action.at), "what": action.what, "before": action.before, "after": action.after}
        with self._mysql.writing() as connection:
            connection.execute(plain_insert(actions).values(row | {"reason": action.reason, "outcome": action.outcome}))

    def actions(self, since: int, until: int) -> Sequence[ScaleAction]:
        within = actions.c.at.between(_time(since), _time(until))
        with self._mysql.reading(fresh=True, or_replica=True) as connection:
            return [
                ScaleAction(milliseconds(row.at), row.what, row.before, row.after, row.reason, row.outcome)
                for row in connection.execute(select(actions).where(within).order_by(actions.c.at, actions.c.id))
            ]


def _time(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).replace(tzinfo=None)


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        rule=row.rule,
        subject=row.subject,
        severity=row.severity,
        since=milliseconds(row.began_at),
        value=row.value,
        sentence=row.sentence,
        until=_ms(row.ended_at),
        told=_ms(row.told_at),
        over_told=bool(row.over_told),
    )
