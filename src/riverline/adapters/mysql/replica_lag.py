"""How far a replica is behind: the primary is made to beat, and the replica is asked which beat it has.

A beat is the time of the primary in ms, so that no two clocks are compared; no right but to read and write is needed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from riverline.errors import Transient

BEAT_ID = 2  # the row of `heartbeat` that is ours
MOST_LAG_SECONDS = 5.0
LOOK_SECONDS = 1.0  # between looks at one replica
NOW = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)"
BEAT = text(
    f"INSERT INTO heartbeat (id, number) VALUES ({BEAT_ID}, {NOW}) "
    f"ON DUPLICATE KEY UPDATE number = GREATEST(number, VALUES(number))"
)
TIME = text(f"SELECT {NOW}")
BEATEN = text(f"SELECT number FROM heartbeat WHERE id = {BEAT_ID}")


@dataclass(slots=True)
class _Look:
    at: float = float("-inf")  # when it began
    usable: bool = False
    goes_on: bool = False
    unheard: bool = False  # the replica has not answered yet


class ReplicaLag:
    """Which replicas may answer. Thread-safe; `primary` tells the server that takes writes now, `monotonic` seconds.

    After a time in which nobody asked, the first look finds an old beat: then the primary answers for `LOOK_SECONDS`.
    """

    def __init__(
        self,
        primary: Callable[[], Engine],
        connected: Callable[[Engine], AbstractContextManager[Connection]] = Engine.connect,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primary, self._connected, self._monotonic = primary, connected, monotonic
        self._looks: dict[Engine, _Look] = {}
        self._lock = threading.Lock()

    def usable(self, replica: Engine) -> bool:
        """If it is at most `MOST_LAG_SECONDS` behind, as of at most `LOOK_SECONDS` ago. One caller looks, others do not
        wait for it: they take the last answer, unless the replica keeps the one who looks waiting."""
        with self._lock:
            look = self._looks.setdefault(replica, _Look())
            fresh = self._monotonic() - look.at < LOOK_SECONDS
            if fresh or look.goes_on:
                return look.usable and (fresh or not look.unheard)
            look.at, look.goes_on, look.unheard = self._monotonic(), True, True
        try:
            look.usable = self._look(replica, look)
        finally:
            look.goes_on = look.unheard = False
        return look.usable

    def _look(self, replica: Engine, look: _Look) -> bool:
        """Raises what the driver raises when the replica is away."""
        try:
            with self._connected(replica) as connection:
                beaten = int(connection.execute(BEATEN).scalar() or 0)
        except ProgrammingError:
            return False  # it is so far behind that it lacks the table
        look.unheard = False
        try:
            with self._connected(self._primary()) as connection, connection.begin():
                now = int(connection.execute(TIME).scalar_one())
                connection.execute(BEAT)
        except (SQLAlchemyError, Transient):
            return True  # without a primary nothing is newer than what the replica has
        return now - beaten <= MOST_LAG_SECONDS * 1000
