"""MySQL through SQLAlchemy Core. Callers say whether they read or write; which server answers is decided here.

Writes go to the primary. Reads go to the replicas in turn, without those that are away or more than 5 s behind, and to
the primary while there is no other. A replica may be a moment behind: who must see a write that was just made reads
with `fresh=True`, from the primary.

The primary is the server that is not read-only, first sought at the address of that setting: after a promotion
(`riverline mysql promote`) running programs find the new one by themselves, and need not be told.

No call waits longer than `RIVERLINE_MYSQL__TIMEOUT` for an answer, in the API than `RIVERLINE_API__PATIENCE`; where a
server says nothing at all the others do not wait (`riverline.adapters.mysql.server`).
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from riverline.adapters.mysql.replica_lag import ReplicaLag
from riverline.adapters.mysql.server import MysqlServer
from riverline.errors import NotFound, Transient
from riverline.settings import Settings

SHUNNED_SECONDS = 5.0  # a replica that was away is not asked again for that long


class Database:
    """The application's connections: one pool for each server. `timeout`: seconds that each answer may take, where it
    is not what the settings say."""

    def __init__(self, settings: Settings, timeout: float | None = None) -> None:
        limit = settings.mysql.timeout if timeout is None else timeout
        made = [MysqlServer(settings, each, limit) for each in (settings.mysql.primary, *settings.mysql.replicas)]
        self._of = {server.engine: server for server in made}
        self._servers = list(self._of)
        self._leader = self._servers[0]
        self._turn = itertools.count()
        self._shunned: dict[Engine, float] = {}
        self._lag = ReplicaLag(lambda: self._leader, self._asking)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction on the primary; it is committed at the end, and rolled back after an error."""
        with translated(), self._writer() as connection, self._watched(connection, writing=True), connection.begin():
            yield connection

    @contextlib.contextmanager
    def reading(self, fresh: bool = False, or_replica: bool = False) -> Iterator[Connection]:
        """A consistent view of the data, on a replica unless it must be fresh. `or_replica`: on one all the same while
        no primary answers, for callers who show what they read, and neither keep it nor act upon it."""
        with translated(), self._reader(fresh, or_replica) as connection, self._watched(connection):
            yield connection

    def _writer(self) -> Connection:
        """A connection to the primary of last time, else to whichever server takes writes now."""
        refusals: list[Exception] = []
        for server in (self._leader, *self._followers()):
            try:
                if not self._of[server].writes.lets_through():
                    raise Transient(f"MySQL: {self._of[server].address} takes no writes right now")
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
        return self._of[server].connected()

    def replicas(self) -> list[str]:
        """The addresses of all servers but the one that took writes the last time."""
        return [self._of[server].address for server in self._followers()]

    def _followers(self) -> list[Engine]:
        return [server for server in self._servers if server is not self._leader]

    def _reader(self, fresh: bool, or_replica: bool) -> Connection:
        if not fresh:
            return self._any_reader()
        try:
            return self._fresh_reader()
        except (Transient, OperationalError):
            if not or_replica:
                raise
            return self._any_reader()

    def _any_reader(self) -> Connection:
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
    def _watched(self, connection: Connection, writing: bool = False) -> Iterator[None]:
        """Learns from what a connection ends in: that its server takes no writes any more, or says nothing at all."""
        try:
            yield
        except DBAPIError as error:
            if _code(error) in READ_ONLY:
                connection.info.pop(_WRITES, None)
            self._of[connection.engine].learn(error, writing)
            raise

    def ping(self) -> None:
        """Raises Transient when the primary does not answer."""
        with self.writing() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        for pool in self._servers:
            pool.dispose()


_WRITES = "takes_writes"  # noted with a connection


def _takes_writes(connection: Connection) -> bool:
    """Asked once per connection: making a server read-only ends its connections."""
    if not connection.info.get(_WRITES):
        connection.info[_WRITES] = not connection.exec_driver_sql("SELECT @@read_only").scalar_one()
        connection.rollback()
    return bool(connection.info[_WRITES])


GONE = 1452  # a row that another one refers to is not there: it was deleted at the same moment
LOCKED = (1205, 1213)  # a lock was waited for too long; a deadlock: the transaction may be tried again
READ_ONLY = (1290, 1836)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Gives the driver's errors the names that the rest of the system knows; other broken constraints stay
    IntegrityError."""
    try:
        yield
    except DBAPIError as error:
        if _code(error) == GONE:
            raise NotFound("a user involved no longer exists") from error
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
