"""One MySQL server: its connections, and whether it is known to answer."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pymysql.connections import Connection as PyMysqlConnection
from pymysql.constants import CR
from pymysql.err import OperationalError
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from riverline.adapters import tls
from riverline.adapters.circuit_breaker import Gate
from riverline.adapters.mysql.replica_lag import BEAT
from riverline.errors import Transient
from riverline.settings import Mysql, Settings

CONNECT_SECONDS = 3.0
PAUSE_SECONDS = 1.0  # between two looks at a server that is silent
SLOW, SLOW_SECONDS = 3, 10.0  # so many different questions that time out within so long are the server's fault
SESSION = "SET time_zone = '+00:00', NAMES utf8mb4"
SWITCH = "RIVERLINE_MYSQL__TLS"
# Who gives up waits no longer for a lock either: the transaction would hold its own ones meanwhile.
LOCKS = ", innodb_lock_wait_timeout = {:d}"


class Link(PyMysqlConnection):
    """A connection that has `hello` seconds to be made, and to be found alive, where queries may take longer."""

    _read_timeout: float | None  # the driver's: of each wait for the server

    def __init__(self, hello: float, ca_file: Path | None = None, **options: Any) -> None:
        self._hello, self._ca_file = hello, ca_file
        super().__init__(connect_timeout=hello, **options)

    def connect(self, sock: Any = None) -> None:
        with self._hurried(), refusals_explained(self._ca_file):
            super().connect(sock)

    def ping(self, reconnect: Any = False) -> None:
        with self._hurried():
            super().ping(reconnect)

    def _create_ssl_ctx(self, options: Any) -> ssl.SSLContext:
        """For a server that offers TLS, where none was asked for: the driver trusts any, but reads all certificates of
        this machine for each connection, which takes ten times as long as to connect."""
        made: ssl.SSLContext = super()._create_ssl_ctx(options) if options else _trusting_any()  # type: ignore[misc]
        return made

    @contextlib.contextmanager
    def _hurried(self) -> Iterator[None]:
        usual: float | None = self._read_timeout
        self._read_timeout = self._hello
        try:
            yield
        finally:
            self._read_timeout = usual


@cache
def _trusting_any() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def connecting(
    settings: Settings, address: str, user: str, password: str, timeout: float | None, hello: float = CONNECT_SECONDS
) -> Callable[[], Link]:
    """Makes connections. `timeout`: seconds for each answer, `hello`: to be connected."""
    host, port = address.rsplit(":", 1)
    session = SESSION + LOCKS.format(max(1, int(timeout) // 2)) if timeout else SESSION
    options = {
        "host": host,
        "port": int(port),
        "user": user,
        "password": password,
        "database": settings.mysql.database,
        "charset": "utf8mb4",
        "init_command": session,
        "read_timeout": timeout,
        "write_timeout": timeout,
    }
    ca_file = settings.mysql.ca_file
    return lambda: Link(hello, ca_file, **options, **encryption(settings.mysql))


def encryption(mysql: Mysql) -> dict[str, Any]:
    """The driver's options for TLS, where it is on. Raises OSError when there is no file of authorities."""
    return {"ssl": tls.context(mysql.ca_file)} if mysql.tls else {}


@contextlib.contextmanager
def refusals_explained(ca_file: Path | None) -> Iterator[None]:
    """Gives the driver's errors of a greeting with TLS words that say what to do."""
    try:
        yield
    except OperationalError as error:
        failed = getattr(error, "original_exception", None)
        if isinstance(failed, ssl.SSLError):
            raise OperationalError(CR.CR_CONN_HOST_ERROR, tls.meaning(failed, SWITCH, ca_file)) from error
        if error.args[0] == CR.CR_SSL_CONNECTION_ERROR:
            raise OperationalError(error.args[0], tls.NO_TLS.format(switch=SWITCH)) from error
        raise


def engine(
    settings: Settings,
    address: str,
    user: str,
    password: str,
    timeout: float | None = None,
    hello: float = CONNECT_SECONDS,
    **options: Any,
) -> Engine:
    """An engine for one server. It connects at first use. `timeout`: seconds that the server has for each answer; None
    for those who change tables, which takes as long as it takes.

    A connection that the server has closed meanwhile is found out by the ping before each use; none is replaced for its
    age alone, since memory that the old ones leave behind in pieces would make processes grow.
    """
    url = URL.create("mysql+pymysql", database=settings.mysql.database)
    connect = connecting(settings, address, user, password, timeout, hello)
    return create_engine(url, creator=connect, pool_pre_ping=True, **options)


class MysqlServer:
    """Thread-safe. `writes` is shut while it answers, and takes no writes: its disk may be full, or hang."""

    def __init__(self, settings: Settings, address: str, timeout: float) -> None:
        user, password = settings.mysql.user, settings.mysql_password
        hello = min(CONNECT_SECONDS, timeout / 3)  # an old connection that is silent, and a new one, cost it twice
        pool: dict[str, Any] = {"pool_size": 5, "max_overflow": 10, "pool_timeout": timeout}
        self.address, self.engine = address, engine(settings, address, user, password, timeout, hello, **pool)
        self._connect = connecting(settings, address, user, password, hello, hello)
        limit = 3 * hello
        self.answers = Gate(self._ask, PAUSE_SECONDS, limit, f"mysql {address}")
        self.writes = Gate(self._beat, PAUSE_SECONDS, limit, f"mysql writes {address}")
        self._slow: dict[str, float] = {}

    def connected(self) -> Connection:
        """Raises Transient at once for a server that is silent, and what the driver raises."""
        if not self.answers.lets_through():
            raise Transient(f"MySQL: {self.address} does not answer")
        try:
            connection = self.engine.connect()
        except Exception as error:
            if timed_out(error):
                self.answers.shut()
            raise
        self.answers.open()
        return connection

    def learn(self, error: DBAPIError, writing: bool) -> None:
        """What this error of a query says about the server. One that took too long says nothing by itself:
        the server is asked something easier."""
        if not (error.connection_invalidated and timed_out(error)) or self.answers.suspect():
            return
        if writing and self.writes.suspect():
            return
        now = time.monotonic()
        self._slow = {text: at for text, at in self._slow.items() if now - at < SLOW_SECONDS}
        self._slow[error.statement or "commit"] = now
        if len(self._slow) >= SLOW:
            self._slow = {}
            self.answers.shut()

    def _ask(self) -> None:
        self._done("SELECT 1")

    def _beat(self) -> None:
        self._done(str(BEAT))

    def _done(self, statement: str) -> None:
        """In a transaction on a connection of its own, which has no longer for an answer than for a greeting."""
        with contextlib.closing(self._connect()) as link, link.cursor() as cursor:
            cursor.execute(statement)
            link.commit()


def timed_out(error: Exception) -> bool:
    """If the server had not answered by the time limit: a refusal is an answer."""
    return isinstance(error, DBAPIError) and "timed out" in str(error.orig)
