"""MySQL through SQLAlchemy Core. Callers say whether they read or write; which server answers is decided here.

Writes go to the primary. Reads go to the replicas in turn, without those that are away or more than 5 s behind, and to
the primary while there is no other. A replica may be a moment behind: who must see a write that was just made reads
with `fresh=True`, from the primary.

The primary is the server that is not read-only, first sought at the address of that setting: after a promotion
(`riverline mysql promote`) running programs find the new one by themselves, and need not be told.
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
from riverline.stores.replica_lag import ReplicaLag

CONNECT_SECONDS = 3
SHUNNED_SECONDS = 5.0  # a replica that was away is not asked again for that long
SESSION = "SET time_zone = '+00:00', NAMES utf8mb4"


def engine(settings: Settings, address: str, user: str, password: str, **options: Any) -> Engine:
    """An engine for one server. It connects at first use.

    A connection that the server has closed meanwhile is found out by the ping before each use; none is replaced for its
    age alone, since memory that the old ones leave behind in pieces would make processes grow.
    """
    host, port = address.rsplit(":", 1)
    url = URL.create("mysql+pymysql", user, password, host, int(port), settings.mysql.database)
    arguments = {"charset": "utf8mb4", "init_command": SESSION, "connect_timeout": CONNECT_SECONDS}
    return create_engine(url, connect_args=arguments, pool_pre_ping=True, **options)


class Mysql:
    """The application's connections: one pool for each server."""

    def __init__(self, settings: Settings) -> None:
        self._addresses = {
            self._pool(settings, each): each for each in (settings.mysql.primary, *settings.mysql.replicas)
        }
        self._servers = list(self._addresses)
        self._leader = self._servers[0]
        self._turn = itertools.count()
        self._shunned: dict[Engine, float] = {}
        self._lag = ReplicaLag(lambda: self._leader)

    @staticmethod
    def _pool(settings: Settings, address: str) -> Engine:
        return engine(settings, address, settings.mysql.user, settings.mysql_password, pool_size=5, max_overflow=10)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction on the primary; it is committed at the end, and rolled back after an error."""
        with translated(), self._writer() as connection, _watched(connection), connection.begin():
            yield connection

    @contextlib.contextmanager
    def reading(self, fresh: bool = False) -> Iterator[Connection]:
        """A consistent view of the data, on a replica unless it must be fresh."""
        with translated(), self._reader(fresh) as connection:
            yield connection

    def _writer(self) -> Connection:
        """A connection to the primary of last time, else to whichever server takes writes now."""
        refusals: list[Exception] = []
        for server in (self._leader, *self._followers()):
            try:
                connection = server.connect()
            except OperationalError as error:
                refusals.append(error)
                continue
            if _takes_writes(connection):
                self._leader = server
                return connection
            connection.close()
        raise refusals[0] if refusals else Transient("MySQL: no server takes writes")

    def replicas(self) -> list[str]:
        """The addresses of all servers but the one that took writes the last time."""
        return [self._addresses[server] for server in self._followers()]

    def _followers(self) -> list[Engine]:
        return [server for server in self._servers if server is not self._leader]

    def _reader(self, fresh: bool) -> Connection:
        if fresh:
            return self._fresh_reader()
        for replica in self._candidates():
            try:
                if self._lag.usable(replica):
                    return replica.connect()
            except OperationalError:
                self._shunned[replica] = time.monotonic() + SHUNNED_SECONDS
        return self._leader.connect()

    def _fresh_reader(self) -> Connection:
        try:
            return self._writer()
        except (Transient, OperationalError):
            return self._leader.connect()  # while nobody takes writes, the last who did lacks none

    def _candidates(self) -> list[Engine]:
        """The replicas that are not shunned, beginning with the one whose turn it is."""
        now = time.monotonic()
        usable = [replica for replica in self._followers() if self._shunned.get(replica, 0.0) <= now]
        first = next(self._turn) % max(len(usable), 1)
        return usable[first:] + usable[:first]

    def ping(self) -> None:
        """Raises Transient when the primary does not answer."""
        with self.writing() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        for pool in self._servers:
            pool.dispose()


_WRITES = "takes_writes"  # noted with a connection


def _takes_writes(connection: Connection) -> bool:
    """Asked once of a connection that says yes: whoever makes a server read-only ends its connections."""
    if not connection.info.get(_WRITES):
        connection.info[_WRITES] = not connection.exec_driver_sql("SELECT @@read_only").scalar_one()
        connection.rollback()
    return bool(connection.info[_WRITES])


@contextlib.contextmanager
def _watched(connection: Connection) -> Iterator[None]:
    """Forgets that a connection takes writes when it turns out that it does not."""
    try:
        yield
    except DBAPIError as error:
        if _code(error) in READ_ONLY:
            connection.info.pop(_WRITES, None)
        raise


LOCKED = (1205, 1213)  # a lock was waited for too long; a deadlock: the transaction may be tried again
READ_ONLY = (1290, 1836)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Gives the driver's errors the names that the rest of the system knows; broken constraints stay IntegrityError."""
    try:
        yield
    except DBAPIError as error:
        again = _code(error) in (*LOCKED, *READ_ONLY)
        if isinstance(error, OperationalError) or error.connection_invalidated or again:
            raise Transient(f"MySQL: {_said(error)}") from error
        raise
    except SQLAlchemyError as error:
        raise Transient(f"MySQL: {error}") from error


def _code(error: DBAPIError) -> int:
    return int(error.orig.args[0]) if error.orig and error.orig.args else 0


def _said(error: DBAPIError) -> str:
    return str(error.orig.args[-1]) if error.orig and error.orig.args else str(error.orig)
