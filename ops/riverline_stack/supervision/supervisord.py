"""The process supervisor, with a poller of its own: `python -m riverline_stack.supervision.supervisord -c FILE`.

Supervisor's poller goes on watching the number of a connection that was closed. When a pipe gets the same number before
the next look, that pipe is watched for what nobody asked: a program's standard input, which the program closes, is then
in error for ever, `poll` returns at once each time, and nobody handles it. One core is busy with that until a program
is started anew. Supervisor says before each look all that it wants to watch, so nothing else needs to be remembered.
"""

from __future__ import annotations

import select

from supervisor import poller, supervisord

READ = select.POLLIN | select.POLLPRI | select.POLLHUP
WRITE = select.POLLOUT


class FreshPoller(poller.BasePoller):  # type: ignore[misc]
    """Watches what was registered since the last look, and nothing from before."""

    def initialize(self) -> None:
        self._wanted: dict[int, int] = {}

    def register_readable(self, fd: int) -> None:
        self._wanted[fd] = self._wanted.get(fd, 0) | READ

    def register_writable(self, fd: int) -> None:
        self._wanted[fd] = self._wanted.get(fd, 0) | WRITE

    def unregister_readable(self, fd: int) -> None:
        """Nothing: what was registered is forgotten already."""

    def unregister_writable(self, fd: int) -> None:
        """Nothing, as above."""

    def poll(self, timeout: float) -> tuple[list[int], list[int]]:
        """What can be read and what can be written, after at most so many seconds; errors count as either."""
        wanted, self._wanted = self._wanted, {}
        watched = select.poll()
        for fd, events in wanted.items():
            watched.register(fd, events)
        found = [(fd, events) for fd, events in watched.poll(timeout * 1000) if not events & select.POLLNVAL]
        readable = [fd for fd, events in found if wanted[fd] & READ and events & (READ | select.POLLERR)]
        writable = [fd for fd, events in found if wanted[fd] & WRITE and events & (WRITE | select.POLLERR)]
        return readable, writable


def main() -> None:
    poller.Poller = FreshPoller
    supervisord.main()


if __name__ == "__main__":
    main()
