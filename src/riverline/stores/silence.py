"""Servers that take connections and say nothing: a frozen machine, a disk that hangs.

Each call to such a server costs its whole time limit, so that a few would hold all threads of a program. After the
first that waited in vain the server is left alone for `SECONDS`; then one caller tries, and others are told at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError

SECONDS = 5.0

Server = TypeVar("Server")


class Silence(Generic[Server]):
    """Which servers are silent. Thread-safe; `trial`: seconds that a caller's try may take, `monotonic`: seconds."""

    def __init__(self, trial: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._trial, self._monotonic = trial, monotonic
        self._until: dict[Server, float] = {}

    def may_ask(self, server: Server) -> bool:
        """Whether this caller may ask it: then `spoke` or `failed` must follow."""
        until, now = self._until.get(server), self._monotonic()
        if until is None:
            return True
        if now < until:
            return False
        self._until[server] = now + self._trial  # two callers at the same moment both try: that does no harm
        return True

    def spoke(self, server: Server) -> None:
        """It answered, if only by a refusal."""
        self._until.pop(server, None)

    def failed(self, server: Server, error: Exception) -> None:
        """A call to it ended in this error."""
        if not isinstance(error, DBAPIError):
            fell = server in self._until  # it was not reached, so nothing new is known
        else:
            fell = "timed out" in str(error.orig)
        if fell:
            self._until[server] = self._monotonic() + SECONDS
        else:
            self.spoke(server)
