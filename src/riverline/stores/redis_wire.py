"""Pipelines to one Redis server over plain sockets: commands are packed and replies parsed by hiredis, in C.

A general client costs more than what it asks for here: a timeline is some twenty small replies. TCP on trusted networks
only; Redis Cluster's own addresses are used.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

import hiredis

from riverline.errors import Transient
from riverline.stores.breaker import Breaker

Command = tuple[bytes | str | int, ...]
Reply = Any  # bytes, int, None, list of replies, or a ReplyError
ReplyError = hiredis.ReplyError
_packed: Callable[[Command], bytes] = hiredis.pack_command  # type: ignore[assignment]
RECEIVE = 1 << 16


class Wire:
    """One connection. Not thread-safe. Every failure to talk raises OSError; an error reply is a value."""

    def __init__(self, address: str, timeout: float) -> None:
        """Connects within `timeout` seconds, which also bounds each wait for a reply."""
        host, port = address.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = hiredis.Reader()

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

    def close(self) -> None:
        self._socket.close()


class Node:
    """One server: its idle connections and its breaker. Thread-safe."""

    def __init__(self, address: str, timeout: float) -> None:
        self.address, self.timeout, self.breaker = address, timeout, Breaker()
        self._idle: list[Wire] = []

    def take(self) -> tuple[Wire, bool]:
        """A connection, and if it was used before (the server may have closed it meanwhile). Raises OSError."""
        try:
            return self._idle.pop(), True
        except IndexError:
            return Wire(self.address, self.timeout), False

    def give(self, wire: Wire) -> None:
        self._idle.append(wire)

    def forget(self) -> None:
        """Closes the idle connections: one that broke says that the others are broken too."""
        while self._idle:
            self._idle.pop().close()

    def ask(self, *commands: Command) -> list[Reply]:
        """Replies from this very server. Raises Transient."""
        try:
            wire, used = self.take()
            try:
                wire.send(commands)
                replies = wire.receive(len(commands))
            except OSError:
                wire.close()
                self.forget()
                if not used:
                    raise
                wire = Wire(self.address, self.timeout)
                wire.send(commands)
                replies = wire.receive(len(commands))
        except OSError as error:
            raise Transient(f"Redis on {self.address}: {error}") from error
        self.give(wire)
        return replies
