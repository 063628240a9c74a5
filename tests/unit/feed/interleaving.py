"""Runs the real code step by step: every call to a store is a point where something else may happen first."""

from collections.abc import Callable
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from riverline.errors import RiverlineError, Transient


class Stepping:
    """A store whose every call waits to be resumed, and which can be away."""

    def __init__(self, store: Any) -> None:
        self._store, self.away = store, False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._store, name)

        def call(*arguments: Any, **more: Any) -> Any:
            pause()
            if self.away:
                raise Transient("away")
            return method(*arguments, **more)

        return call


def pause(_: float = 0) -> None:
    """Gives control back to whoever resumed this actor; outside of actors it does nothing."""
    hub = getcurrent().parent
    if hub is not None:
        hub.switch()


class Actor:
    """One piece of code under way: an operation of a user, or a job."""

    def __init__(self, name: str, work: Callable[[], Any], facts: dict[str, Any] | None = None) -> None:
        self.name, self.facts, self.result, self.error = name, facts or {}, None, None
        self._greenlet = greenlet(lambda: self._run(work))

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            self.result = work()
        except RiverlineError as error:
            self.error = error

    @property
    def done(self) -> bool:
        return self._greenlet.dead

    def step(self) -> None:
        self._greenlet.switch()

    def finish(self) -> Any:
        """Runs to the end while all other actors stand still."""
        while not self.done:
            self.step()
        return self.result

    def kill(self) -> None:
        """As kill -9 does: it stops where it is."""
        self._greenlet.throw(GreenletExit)
