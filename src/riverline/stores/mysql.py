"""MySQL through SQLAlchemy Core. Callers say whether they read or write; which server answers is decided here.

Writes go to the primary. Reads go to the replicas in turn, and to the primary while no replica can be reached. A
replica may be a moment behind: who must see a write that was just made reads with `fresh=True`, from the primary.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from riverline.errors import Transient
from riverline.settings import Settings

CONNECT_SECONDS = 3
SHUNNED_SECONDS = 5.0  # a replica that was away is not asked again for that long
SESSION = "SET time_zone = '+00:00', NAMES utf8mb4"


def engine(settings: Settings, address: str, user: str, password: str, **options: Any) -> Engine:
    """An engine for one server. It connects at first use."""
    host, port = address.rsplit(":", 1)
    url = URL.create("mysql+pymysql", user, password, host, int(port), settings.mysql.database)
    arguments = {"charset": "utf8mb4", "init_command": SESSION, "connect_timeout": CONNECT_SECONDS}
    return create_engine(url, connect_args=arguments, pool_pre_ping=True, pool_recycle=1800, **options)


class Mysql:
    """The application's connections: one pool for the primary, one for each replica."""

    def __init__(self, settings: Settings) -> None:
        self._primary = self._pool(settings, settings.mysql.primary)
        self._replicas = [self._pool(settings, address) for address in settings.mysql.replicas]
        self._turn = itertools.count()
        self._shunned: dict[Engine, float] = {}

    @staticmethod
    def _pool(settings: Settings, address: str) -> Engine:
        return engine(settings, address, settings.mysql.user, settings.mysql_password, pool_size=5, max_overflow=10)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction on the primary; it is committed at the end, and rolled back after an error."""
        with translated(), self._primary.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self, fresh: bool = False) -> Iterator[Connection]:
        """A consistent view of the data, on a replica unless it must be fresh."""
        with translated(), self._reader(fresh) as connection:
            yield connection

    def _reader(self, fresh: bool) -> Connection:
        for replica in [] if fresh else self._candidates():
            try:
                return replica.connect()
            except OperationalError:
                self._shunned[replica] = time.monotonic() + SHUNNED_SECONDS
        return self._primary.connect()

    def _candidates(self) -> list[Engine]:
        """The replicas that are not shunned, beginning with the one whose turn it is."""
        now = time.monotonic()
        usable = [replica for replica in self._replicas if self._shunned.get(replica, 0.0) <= now]
        first = next(self._turn) % max(len(usable), 1)
        return usable[first:] + usable[:first]

    def ping(self) -> None:
        """Raises Transient when the primary does not answer."""
        with self.writing() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        for pool in (self._primary, *self._replicas):
            pool.dispose()


LOCKED = (1205, 1213)  # a lock was waited for too long; a deadlock: the transaction may be tried again
READ_ONLY = (1290, 1836)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Gives the driver's errors the names that the rest of the system knows; broken constraints stay IntegrityError."""
    try:
        yield
    except DBAPIError as error:
        code = error.orig.args[0] if error.orig and error.orig.args else 0
        if isinstance(error, OperationalError) or error.connection_invalidated or code in (*LOCKED, *READ_ONLY):
            raise Transient(f"MySQL: {_said(error)}") from error
        raise
    except SQLAlchemyError as error:
        raise Transient(f"MySQL: {error}") from error


def _said(error: DBAPIError) -> str:
    return str(error.orig.args[-1]) if error.orig and error.orig.args else str(error.orig)
