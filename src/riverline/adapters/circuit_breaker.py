"""Circuit breakers for silent servers: a frozen machine accepts connections and never answers.

Each call to one costs its whole time limit, so that a few of them would hold all threads of a program.
"""

from __future__ import annotations

import mmap
import threading
import time
from collections.abc import Callable
from ctypes import c_double, sizeof
from hashlib import blake2b

PLACES = 1 << 20  # so many that no two servers have the same; what is not used costs no memory
_shared: list[mmap.mmap] = []


def share() -> None:
    """From now on processes that are forked from this one know what the others know of a server."""
    if not _shared:
        _shared.append(mmap.mmap(-1, PLACES * sizeof(c_double)))


def _cell(name: str) -> c_double:
    """The number of the server of that name, which other processes have too if it is shared."""
    if not (name and _shared):
        return c_double()
    place = int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) % PLACES
    return c_double.from_buffer(_shared[0], place * sizeof(c_double))


class Breaker:
    """Keeps away from a server that does not answer. After `pause` seconds one caller may try it again; when nothing is
    heard of how that ended for `probe` seconds, another may. `name`: of the server, for processes that share it."""

    def __init__(self, pause: float = 0.5, probe: float | None = None, name: str = "") -> None:
        self._pause, self._probe = pause, pause if probe is None else probe
        # The time until which it is shut, by the machine's monotonic clock: one number, read and written whole.
        self._until = _cell(name)

    def admits(self, now: float) -> bool:
        """If a call may go through. The first one after the pause may, as a probe; the others wait for how it ends."""
        if not self._until.value:
            return True
        if now < self._until.value:
            return False
        self._until.value = now + self._probe
        return True

    def failed(self, now: float) -> None:
        self._until.value = now + self._pause

    def succeeded(self) -> None:
        if self._until.value:
            self._until.value = 0.0

    @property
    def shut(self) -> bool:
        return self._until.value > 0


class Sighting:
    """How a server answered the last time, in this process or another one that shares it."""

    def __init__(self, name: str) -> None:
        # When it answered, by the machine's monotonic clock; below zero if not well; 0 while nothing is known.
        self._at = _cell(name)

    def well(self, now: float) -> None:
        self._at.value = now

    def away(self, now: float) -> None:
        self._at.value = -now

    @property
    def is_away(self) -> bool:
        return self._at.value < 0

    def well_since(self, then: float) -> bool:
        """If it answered well at that time or later, and has not failed to since."""
        return self._at.value > 0 and self._at.value >= then


def _beside(run: Callable[[], None]) -> None:
    threading.Thread(target=run, name="look", daemon=True).start()


class Gate:
    """A breaker for callers that must not wait: whether the server is back is checked by a thread of its
    own. The caller that starts the probe waits `wait` seconds for its result, the others not at all.

    `look` asks the server something and raises when it does not answer; its time is limited by itself, to `probe`.
    """

    def __init__(
        self,
        look: Callable[[], object],
        pause: float = 0.5,
        probe: float = 10.0,
        name: str = "",
        wait: float = 0.2,
        monotonic: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = _beside,
    ) -> None:
        self._look, self._wait, self._monotonic, self._start = look, wait, monotonic, start
        self._breaker = Breaker(pause, probe, name)

    @property
    def is_shut(self) -> bool:
        return self._breaker.shut

    def lets_through(self) -> bool:
        """If the server may be asked."""
        if not self._breaker.shut:
            return True
        if not self._breaker.admits(self._monotonic()):
            return False
        ended = threading.Event()
        self._start(lambda: self._looked(ended))
        ended.wait(self._wait)
        return not self._breaker.shut

    def shut(self) -> None:
        """The server does not answer."""
        self._breaker.failed(self._monotonic())

    def open(self) -> None:
        """The server has answered."""
        self._breaker.succeeded()

    def suspect(self, look: Callable[[], object] | None = None) -> bool:
        """Looks at the server now, in the caller's time, and shuts if it does not answer. If it does not. `look`: a
        shorter one than that of the thread."""
        try:
            (look or self._look)()
        except Exception:  # whatever kept it from answering
            self.shut()
            return True
        return False

    def _looked(self, ended: threading.Event) -> None:
        if not self.suspect():
            self.open()
        ended.set()
