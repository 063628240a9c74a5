"""Servers that let callers wait for nothing: a frozen machine takes connections and never answers.

Each call to one costs its whole time limit, so that a few of them would hold all threads of a program.
"""

from __future__ import annotations


class Breaker:
    """Keeps away from a server that does not answer. After `pause` seconds one caller may try it again; when nothing is
    heard of how that ended for `probe` seconds, another may."""

    def __init__(self, pause: float = 0.5, probe: float | None = None) -> None:
        self._pause, self._probe = pause, pause if probe is None else probe
        self._shut_until = 0.0

    def admits(self, now: float) -> bool:
        """If a call may go through. The first one after the pause may, as a probe; the others wait for how it ends."""
        if not self._shut_until:
            return True
        if now < self._shut_until:
            return False
        self._shut_until = now + self._probe
        return True

    def failed(self, now: float) -> None:
        self._shut_until = now + self._pause

    def succeeded(self) -> None:
        self._shut_until = 0.0

    @property
    def shut(self) -> bool:
        return self._shut_until > 0
