"""Calls to the local stack's process supervisor, over a socket in the home that only its owner may open."""

from __future__ import annotations

import http.client
import os
import socket
import xmlrpc.client
from pathlib import Path
from typing import Any

from riverline.errors import Transient

SOCKET = "supervisor.sock"
SECONDS = 90.0  # longer than it waits for a program to stop

Fault = xmlrpc.client.Fault


def socket_of(home: Path) -> Path:
    """Where the supervisor of a home listens."""
    return home / "run" / SOCKET


def call(home: Path, method: str, *arguments: Any, timeout: float = SECONDS) -> Any:
    """The answer to one call. Raises Fault for what the supervisor refuses, Transient while it is away."""
    try:
        with xmlrpc.client.ServerProxy("http://supervisor/RPC2", transport=_Transport(home, timeout)) as server:
            return getattr(server.supervisor, method)(*arguments)
    except Fault:
        raise
    except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
        raise Transient(f"the process supervisor does not answer on {socket_of(home)}: {error}") from error


def connected(home: Path, timeout: float) -> socket.socket:
    """A connection. Raises OSError."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.settimeout(timeout)
    # By way of the folder: an address of this kind has 107 bytes, which the path of a home may exceed.
    folder = os.open(socket_of(home).parent, os.O_PATH | os.O_DIRECTORY)
    try:
        made.connect(f"/proc/self/fd/{folder}/{SOCKET}")
    except BaseException:
        made.close()
        raise
    finally:
        os.close(folder)
    return made


class _Connection(http.client.HTTPConnection):
    def __init__(self, home: Path, timeout: float) -> None:
        super().__init__("supervisor", timeout=timeout)
        self._home, self._seconds = home, timeout

    def connect(self) -> None:
        self.sock = connected(self._home, self._seconds)


class _Transport(xmlrpc.client.Transport):
    def __init__(self, home: Path, timeout: float) -> None:
        super().__init__()
        self._home, self._timeout = home, timeout

    def make_connection(self, _host: object) -> http.client.HTTPConnection:
        return _Connection(self._home, self._timeout)
