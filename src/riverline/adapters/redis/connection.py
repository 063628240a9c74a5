"""Pipelines to one Redis server over plain sockets: commands are packed and replies parsed by hiredis, in C.

A general client costs more than the commands themselves: a timeline is some twenty small replies. Redis Cluster's own
addresses are used; with TLS its certificates have to be of these.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

import hiredis

from riverline.adapters import tls
from riverline.adapters.circuit_breaker import Gate
from riverline.errors import Transient
from riverline.settings import Celery, RedisServer

Command = tuple[bytes | str | int, ...]
Reply = Any  # bytes, int, None, list of replies, or a ReplyError
ReplyError = hiredis.ReplyError
_packed: Callable[[Command], bytes] = hiredis.pack_command  # type: ignore[assignment]
RECEIVE = 1 << 16
PAUSE_SECONDS = 0.5  # between two looks at a server that does not answer
WAIT_SECONDS = 0.05  # that the caller which starts a probe waits for it: a request asks several


class RedisConnection:
    """One connection. Not thread-safe. Every failure to talk raises OSError; an error reply is a value."""

    def __init__(self, address: str, timeout: float, server: RedisServer | None = None) -> None:
        """Connects within `timeout` seconds, which also bounds each wait for a reply, and says who comes."""
        host, port = address.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = hiredis.Reader()
        if server and server.tls:
            self._encrypt(host, server)
        if server and (password := server.password):
            self._log_in(server, password)

    def _encrypt(self, host: str, server: RedisServer) -> None:
        try:
            with tls.explaining(switch_of(server), server.ca_file):
                self._socket = tls.context(server.ca_file).wrap_socket(self._socket, server_hostname=host)
        except BaseException:
            self.close()
            raise

    def _log_in(self, server: RedisServer, password: str) -> None:
        user = server.user
        try:
            self.send([("AUTH", user, password)])
            [reply] = self.receive(1)
        except (ConnectionResetError, BrokenPipeError, hiredis.ProtocolError) as error:
            self.close()
            if server.tls:
                raise ConnectionResetError(str(error)) from error
            raise ConnectionResetError(tls.WANTS_TLS.format(switch=f"{switch_of(server)}=on")) from error
        except OSError:
            self.close()
            raise
        if isinstance(reply, ReplyError):
            self.close()
            raise PermissionError(f"the server rejects the login of {user}: {reply}")

    def send(self, commands: Sequence[Command]) -> None:
        self._socket.sendall(b"".join(map(_packed, commands)))

    def receive(self, count: int) -> list[Reply]:
        """The replies to the commands that were sent, in their order."""
        replies: list[Reply] = []
        gets = self._reader.gets
        while len(replies) < count:
            reply = gets()
            if reply is False:
                self._feed()
            else:
                replies.append(reply)
        return replies

    def _feed(self) -> None:
        received = self._socket.recv(RECEIVE)
        if not received:
            raise ConnectionResetError("the server closed the connection")
        self._reader.feed(received)

    def limit(self, seconds: float) -> None:
        """How long each wait for a reply may take from now on."""
        self._socket.settimeout(seconds)

    def close(self) -> None:
        self._socket.close()


def switch_of(server: RedisServer) -> str:
    """The setting that says whether TLS is spoken with it."""
    return f"RIVERLINE_{'CELERY' if isinstance(server, Celery) else 'REDIS'}__TLS"


def encryption(server: RedisServer) -> dict[str, Any]:
    """The options of redis-py for TLS, where it is on."""
    return {"ssl": True, "ssl_ca_certs": server.ca_file and str(server.ca_file)} if server.tls else {}


class Node:
    """One server: its idle connections and its gate. Thread-safe. `away` is called when a look has found it away."""

    def __init__(
        self,
        address: str,
        timeout: float,
        away: Callable[[], None] = lambda: None,
        server: RedisServer | None = None,
    ) -> None:
        """`server`: who to say that one is; the address may be one of many that ask for the same."""
        self.address, self.timeout, self._away, self._server = address, timeout, away, server
        self.gate = Gate(self._look, PAUSE_SECONDS, 4 * timeout + PAUSE_SECONDS, f"redis {address}", WAIT_SECONDS)
        self._idle: list[RedisConnection] = []

    def take(self) -> tuple[RedisConnection, bool]:
        """A connection, and if it was used before (the server may have closed it meanwhile). Raises OSError."""
        try:
            return self._idle.pop(), True
        except IndexError:
            return self.connected(), False

    def connected(self) -> RedisConnection:
        """A new connection. Raises OSError."""
        return RedisConnection(self.address, self.timeout, self._server)

    def give(self, wire: RedisConnection) -> None:
        self._idle.append(wire)

    def forget(self) -> None:
        """Closes the idle connections: one that broke says that the others are broken too."""
        while self._idle:
            self._idle.pop().close()

    def ask(self, *commands: Command) -> list[Reply]:
        """Replies from this very server. Raises Transient, at once for one that did not answer lately."""
        if not self.gate.lets_through():
            raise Transient(f"Redis on {self.address} did not answer lately")
        try:
            replies = self._asked(commands)
        except OSError as error:
            self.gate.shut()
            raise Transient(f"Redis on {self.address}: {error}") from error
        self.gate.open()
        return replies

    def _asked(self, commands: Sequence[Command]) -> list[Reply]:
        wire, used = self.take()
        try:
            wire.send(commands)
            replies = wire.receive(len(commands))
        except OSError as error:
            wire.close()
            self.forget()
            if not used or isinstance(error, TimeoutError):
                raise
            # The server may have been restarted since the connection was made.
            wire = self.connected()
            wire.send(commands)
            replies = wire.receive(len(commands))
        self.give(wire)
        return replies

    def _look(self) -> None:
        try:
            wire = self.connected()
            try:
                wire.send([("PING",)])
                wire.receive(1)
            finally:
                wire.close()
        except OSError:
            self._away()
            raise
