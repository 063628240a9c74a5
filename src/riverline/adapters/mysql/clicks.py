"""Clicks in MySQL: `search.contracts.Clicks`. Each click has a row, so that it counts once; addresses have totals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.mysql import insert

from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.tables import click, click_total
from riverline.parsing.fingerprint import url_id

_SECOND = text("SECOND")


class MysqlClicks:
    """Thread-safe."""

    def __init__(self, mysql: Database) -> None:
        self._mysql = mysql

    def add(self, visit: str, url: str, position: int) -> bool:
        name = url_id(url)
        row = {"request_id": visit, "url_id": name, "position": position}
        one = insert(click_total).values(url_id=name, url=url, clicks=1)
        more = one.on_duplicate_key_update(clicks=click_total.c.clicks + 1, updated_at=func.now(3))
        with self._mysql.writing() as connection:
            if not connection.execute(insert(click).prefix_with("IGNORE").values(row)).rowcount:
                return False
            connection.execute(more)
        return True

    def of(self, urls: Sequence[str]) -> dict[str, int]:
        names = [url_id(url) for url in urls]
        with self._mysql.reading(fresh=True) as connection:
            rows = connection.execute(select(click_total).where(click_total.c.url_id.in_(names))).all()
        return {row.url: row.clicks for row in rows}

    def totals(self, after: str, limit: int, within_seconds: int | None = None) -> dict[str, int]:
        chosen = select(click_total).order_by(click_total.c.url_id).limit(limit)
        if after:
            chosen = chosen.where(click_total.c.url_id > url_id(after))
        if within_seconds is not None:
            since: Any = func.timestampadd(_SECOND, -within_seconds, func.now(3))
            chosen = chosen.where(click_total.c.updated_at >= since)
        with self._mysql.reading(fresh=True) as connection:
            return {row.url: row.clicks for row in connection.execute(chosen)}

    def counted(self, since_ms: int, until_ms: int, interval_ms: int) -> dict[int, int]:
        at = func.floor(func.unix_timestamp(click.c.created_at) * 1000 / interval_ms) * interval_ms
        within = click.c.created_at.between(_time(since_ms), _time(until_ms - 1))
        counts = select(at.label("at"), func.count().label("clicks")).where(within).group_by(at)
        with self._mysql.reading() as connection:
            return {int(row.at): row.clicks for row in connection.execute(counts)}


def _time(at_ms: int) -> Any:
    return func.from_unixtime(at_ms / 1000)
