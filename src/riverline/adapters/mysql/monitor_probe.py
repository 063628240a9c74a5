"""What the monitor reads from MySQL: the outbox, and a number that it writes on the primary and reads on each replica.

The monitor keeps its beats, and so knows how far each replica is behind. `replica_lag` decides at a request, in one
look, whether a replica may answer: it takes the time since the last beat for lag. So each has a row of its own.
"""

from __future__ import annotations

from sqlalchemy import Engine, select
from sqlalchemy.dialects.mysql import insert

from riverline.adapters.mysql import outbox
from riverline.adapters.mysql.database import Database, translated
from riverline.adapters.mysql.server import engine
from riverline.adapters.mysql.tables import heartbeat
from riverline.settings import Settings

ONLY = 1  # the monitor's row
SECONDS = 3  # that a replica has for its answer


class MonitorProbe:
    """Thread-safe. Every call raises Transient while the server is away."""

    def __init__(self, settings: Settings, mysql: Database) -> None:
        self._settings, self._mysql = settings, mysql
        self._engines: dict[str, Engine] = {}

    def outbox(self) -> tuple[int, int, dict[str, int]]:
        """How many jobs are open, for how many seconds the oldest has been, and how many are parked, by their task."""
        with self._mysql.reading(fresh=True) as connection:
            return *outbox.depth(connection), outbox.parked_by_task(connection)

    def beat(self, number: int) -> None:
        """Writes the number on the primary."""
        row = insert(heartbeat).values(id=ONLY, number=number)
        with self._mysql.writing() as connection:
            connection.execute(row.on_duplicate_key_update(number=row.inserted.number))

    def replicas(self) -> list[str]:
        """The addresses of the servers that follow the one that took the last beat: the roles may change."""
        return self._mysql.replicas()

    def heard(self, replica: str) -> int:
        """The newest number that the replica at that address has; 0 before the first."""
        with translated(), self._engine(replica).connect() as connection:
            found = connection.execute(select(heartbeat.c.number).where(heartbeat.c.id == ONLY)).scalar()
            return int(found or 0)

    def _engine(self, address: str) -> Engine:
        if address not in self._engines:
            user, password = self._settings.mysql.user, self._settings.mysql_password
            self._engines[address] = engine(self._settings, address, user, password, SECONDS, pool_size=1)
        return self._engines[address]
