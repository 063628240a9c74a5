"""MySQL through SQLAlchemy Core. Callers say whether they read or write; which server answers is decided here.

Writes go to the primary. Reads go to the replicas in turn, without those that are away or more than 5 s behind, and to
the primary while there is no other. A replica may be a moment behind: who must see a write that was just made reads
with `fresh=True`, from the primary.

The primary is the server that is not read-only, first sought at the address of that setting: after a promotion
(`riverline mysql promote`) running programs find the new one by themselves, and need not be told.

No call waits longer than `RIVERLINE_MYSQL__TIMEOUT` for an answer, and where one waited for nothing the others do not
(`riverline.stores.breaker`).
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
from riverline.stores.breaker import Breaker
from riverline.stores.replica_lag import ReplicaLag

CONNECT_SECONDS = 3
SHUNNED_SECONDS = 5.0  # a replica that was away is not asked again for that long, nor is a silent server
SESSION = "SET time_zone = '+00:00', NAMES utf8mb4"
# Who gives up waits no longer for a lock either: the transaction would hold its own ones meanwhile.
LOCKS = ", innodb_lock_wait_timeout = {:d}"


def engine(
    settings: Settings, address: str, user: str, password: str, timeout: int | None = None, **options: Any
) -> Engine:
    """An engine for one server. It connects at first use. `timeout`: seconds that the server has for each answer; None
    for those who change tables, which takes as long as it takes.

    A connection that the server has closed meanwhile is found out by the ping before each use; none is replaced for its
    age alone, since memory that the old ones leave behind in pieces would make processes grow.
    """
    host, port = address.rsplit(":", 1)
    url = URL.create("mysql+pymysql", user, password, host, int(port), settings.mysql.database)
    arguments: dict[str, Any] = {"charset": "utf8mb4", "init_command": SESSION, "connect_timeout": CONNECT_SECONDS}
    if timeout:
        session = SESSION + LOCKS.format(max(1, timeout // 2))
        arguments |= {"init_command": session, "read_timeout": timeout, "write_timeout": timeout}
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
        # A try may cost the ping of an old connection, a new one, and the question itself.
        self._breakers = {server: Breaker(SHUNNED_SECONDS, 3.0 * settings.mysql.timeout) for server in self._servers}
        self._lag = ReplicaLag(lambda: self._leader, self._asking)

    @staticmethod
    def _pool(settings: Settings, address: str) -> Engine:
        user, password, timeout = settings.mysql.user, settings.mysql_password, settings.mysql.timeout
        return engine(settings, address, user, password, timeout, pool_size=5, max_overflow=10)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction on the primary; it is committed at the end, and rolled back after an error."""
        with translated(), self._writer() as connection, self._watched(connection), connection.begin():
            yield connection

    @contextlib.contextmanager
    def reading(self, fresh: bool = False) -> Iterator[Connection]:
        """A consistent view of the data, on a replica unless it must be fresh."""
        with translated(), self._reader(fresh) as connection, self._watched(connection):
            yield connection

    def _writer(self) -> Connection:
        """A connection to the primary of last time, else to whichever server takes writes now."""
        refusals: list[Exception] = []
        for server in (self._leader, *self._followers()):
            try:
                connection = self._connected(server)
                with self._watched(connection):
                    takes_writes = _takes_writes(connection)
                if takes_writes:
                    self._leader = server
                    return connection
                connection.close()
            except (OperationalError, Transient) as error:
                refusals.append(error)
        raise refusals[0] if refusals else Transient("MySQL: no server takes writes")

    @contextlib.contextmanager
    def _asking(self, server: Engine) -> Iterator[Connection]:
        with self._connected(server) as connection, self._watched(connection):
            yield connection

    def _connected(self, server: Engine) -> Connection:
        """Raises Transient for a server that is silent, at once unless it is this caller's turn to try."""
        if not self._breakers[server].admits(time.monotonic()):
            raise Transient(f"MySQL: {self._addresses[server]} does not answer")
        try:
            connection = server.connect()
        except Exception as error:
            learn(self._breakers[server], error, time.monotonic())
            raise
        self._breakers[server].succeeded()
        return connection

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
                    return self._connected(replica)
            except (OperationalError, Transient):
                self._shunned[replica] = time.monotonic() + SHUNNED_SECONDS
        return self._connected(self._leader)

    def _fresh_reader(self) -> Connection:
        try:
            return self._writer()
        except (Transient, OperationalError):
            return self._connected(self._leader)  # while nobody takes writes, the last who did lacks none

    def _candidates(self) -> list[Engine]:
        """The replicas that are not shunned, beginning with the one whose turn it is."""
        now = time.monotonic()
        usable = [replica for replica in self._followers() if self._shunned.get(replica, 0.0) <= now]
        first = next(self._turn) % max(len(usable), 1)
        return usable[first:] + usable[:first]

    @contextlib.contextmanager
    def _watched(self, connection: Connection) -> Iterator[None]:
        """Learns from what a connection ends in: that its server takes no writes any more, or says nothing at all."""
        try:
            yield
        except DBAPIError as error:
            if _code(error) in READ_ONLY:
                connection.info.pop(_WRITES, None)
            if error.connection_invalidated:
                learn(self._breakers[connection.engine], error, time.monotonic())
            raise

    def ping(self) -> None:
        """Raises Transient when the primary does not answer."""
        with self.writing() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        for pool in self._servers:
            pool.dispose()


def learn(breaker: Breaker, error: Exception, now: float) -> None:
    """What a call that ended in this error says of its server: a refusal is an answer, and a call that did not get as
    far as the server leaves things as they were."""
    silent = "timed out" in str(error.orig) if isinstance(error, DBAPIError) else breaker.shut
    if silent:
        breaker.failed(now)
    else:
        breaker.succeeded()


_WRITES = "takes_writes"  # noted with a connection


def _takes_writes(connection: Connection) -> bool:
    """Asked once of a connection that says yes: whoever makes a server read-only ends its connections."""
    if not connection.info.get(_WRITES):
        connection.info[_WRITES] = not connection.exec_driver_sql("SELECT @@read_only").scalar_one()
        connection.rollback()
    return bool(connection.info[_WRITES])


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
