"""Simulated time: many actors in one thread, of which one runs at a time, and an hour that takes seconds.

An actor runs until it sleeps; then the next event happens. The order depends on nothing but the times and the order in
which things were planned, so a run with the same seed is the same run.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import sys
import time as real_time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

EPOCH = 1_800_000_000.0  # seconds since 1970 at which a simulation begins
BOOT = 1_000.0  # what the monotonic clock says then
SIMULATED = (
    "bolts",
    "spouts",
    "riverline.pipeline",
    "riverline.feed",
    "riverline.telemetry",
    "riverline_tasks.timelines",
)


class Actor:
    """Code under way in a process: it can be woken, or end as kill -9 ends it, where it stands."""

    def __init__(self, clock: Clock, name: str, work: Callable[[], Any]) -> None:
        self.clock, self.name, self.alive = clock, name, True
        self.turn = 0  # of its sleeps: a timer of an earlier one means nothing any more
        self.greenlet = greenlet(work, clock.hub)

    def resume(self, turn: int) -> None:
        if self.alive and turn == self.turn and not self.greenlet.dead:
            self.turn += 1
            self.greenlet.switch()

    def wake(self) -> None:
        """Ends its sleep now."""
        turn = self.turn
        self.clock.later(0.0, lambda: self.resume(turn))


class Clock:
    """What the programs see as `time`. Seconds; `now` counts from the beginning of the simulation."""

    def __init__(self) -> None:
        self.now = 0.0
        self.hub = getcurrent()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._actors: dict[greenlet, Actor] = {}

    # As the module `time`

    def monotonic(self) -> float:
        return BOOT + self.now

    perf_counter = monotonic

    def time(self) -> float:
        return EPOCH + self.now

    def time_ns(self) -> int:
        return int(self.time() * 1000) * 1_000_000

    def now_ms(self) -> int:
        return int(self.time() * 1000)

    def sleep(self, seconds: float) -> None:
        actor = self.actor
        if actor is None:  # the test itself: it waits, and the others go on
            return self.run(self.now + seconds)
        turn = actor.turn
        self.later(seconds, lambda: actor.resume(turn))
        self.hub.switch()
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(real_time, name)

    # As the world sees it

    @property
    def actor(self) -> Actor | None:
        return self._actors.get(getcurrent())

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + max(seconds, 0.0), next(self._order), what))

    def spawn(self, name: str, work: Callable[[], Any]) -> Actor:
        actor = Actor(self, name, work)
        self._actors[actor.greenlet] = actor
        self.later(0.0, lambda: actor.resume(0))
        return actor

    def every(self, seconds: float, what: Callable[[], None]) -> None:
        def again() -> None:
            what()
            self.later(seconds, again)

        self.later(seconds, again)

    def end(self, actor: Actor) -> None:
        """It runs no further; nothing of it does, `finally` neither."""
        actor.alive = False
        if self.actor is actor:
            self.hub.switch()

    def run(self, until: float) -> None:
        """Lets everything happen that is planned until then."""
        while self._events and self._events[0][0] <= until:
            self.now, _, what = heapq.heappop(self._events)
            what()
        self.now = max(self.now, until)

    def close(self) -> None:
        """Unwinds what stands still, while its files are open yet."""
        self._events.clear()
        for actor in self._actors.values():
            while not actor.greenlet.dead:
                actor.greenlet.throw(GreenletExit)
        self._actors.clear()


@contextmanager
def in_the_place_of_time(clock: Clock) -> Iterator[None]:
    """The programs' modules see this clock where they look for `time`, and where `time` gave a default."""
    for module in _modules():
        module.time = clock
    functions = [(function, function.__defaults__, function.__kwdefaults__) for function in _functions()]
    for function, defaults, named in functions:
        function.__defaults__ = defaults and tuple(_simulated(clock, one) for one in defaults)
        function.__kwdefaults__ = named and {name: _simulated(clock, one) for name, one in named.items()}
    try:
        yield
    finally:
        for module in _modules():
            module.time = real_time
        for function, defaults, named in functions:
            function.__defaults__, function.__kwdefaults__ = defaults, named


_REAL = (real_time.monotonic, real_time.sleep, real_time.time, real_time.time_ns, real_time.perf_counter)


def _simulated(clock: Clock, value: Any) -> Any:
    return getattr(clock, value.__name__) if any(value is one for one in _REAL) else value


@functools.cache
def _modules() -> list[Any]:
    """The programs' modules that hold `time` itself."""
    return [module for module in _simulated_modules() if vars(module).get("time") is real_time]


@functools.cache
def _functions() -> list[FunctionType]:
    """The programs' functions that take something of `time` by default."""
    found = [one for module in _simulated_modules() for one in vars(module).values()]
    methods = [one for kind in found if isinstance(kind, type) for one in vars(kind).values()]
    functions = {id(one): one for one in (*found, *methods) if isinstance(one, FunctionType)}
    return [one for one in functions.values() if _takes_time(one)]


def _takes_time(function: FunctionType) -> bool:
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return any(one is real for one in defaults for real in _REAL)


def _simulated_modules() -> list[Any]:
    return [module for name, module in list(sys.modules.items()) if name.startswith(SIMULATED) and module]
