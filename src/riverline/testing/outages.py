"""Servers that can be away. A twin that is reached through one answers as its server does now.

A server refuses connections, is silent (frozen: what was sent to it stays in its socket and is executed when it
continues, though the caller has given up), is slow, or answers with errors, some of them after the work was done. The
answers of single calls can be lost, too. Callers see Transient, as from the real store.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from enum import Enum
from random import Random
from typing import Any, TypeVar, cast

from riverline.errors import Transient

T = TypeVar("T")
REFUSAL_SECONDS = 0.05  # until a refused connection is given up
SLICE_SECONDS = 0.5  # between two looks whether a silent server goes on
DONE_ALL_THE_SAME = 0.25  # share of the errors of a failing server that come after the work was done


class Condition(Enum):
    """How a server is."""

    UP = "up"
    REFUSED = "refused"
    SILENT = "silent"
    SLOW = "slow"
    FAILING = "failing"


def _no_time(_: float) -> None:
    """For tests in which no time passes."""


class _Call:
    """One call on its way to a silent server."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work, self.done, self.result, self.error = work, False, None, cast(Exception | None, None)

    def run(self) -> None:
        try:
            self.result = self._work()
        except Exception as error:  # for whoever still waits
            self.error = error
        self.done = True

    def answer(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.result


class Server:
    """One server, or a cluster of them that goes as a whole.

    `sleep` passes the time of a call, in seconds: a simulated clock's lets others go on meanwhile. `timeout`: what its
    clients wait for an answer. Not thread-safe.
    """

    def __init__(
        self,
        name: str,
        sleep: Callable[[float], None] = _no_time,
        timeout: float = 30.0,
        random: Random | None = None,
        latency: float = 0.0,
    ) -> None:
        self.name, self.timeout, self.latency = name, timeout, latency
        self._sleep, self._random = sleep, random or Random(0)
        self.condition = Condition.UP
        self.delay, self.share = 0.0, 1.0
        self.ambiguous = 0  # calls that were done and looked failed
        self._answers_to_lose = 0
        self._undone: list[_Call] = []

    def leave(self, condition: Condition, delay: float = 2.0, share: float = 1.0) -> None:
        """`delay`: seconds that a slow server takes; `share`: of the calls that a failing one fails."""
        if condition is not Condition.SILENT:
            self._catch_up()
        self.condition, self.delay, self.share = condition, delay, share

    def come_back(self) -> None:
        """A server that was silent does what was sent to it meanwhile, in order."""
        self.condition = Condition.UP
        self._answers_to_lose = 0
        self._catch_up()

    def lose_answers(self, count: int) -> None:
        """The next calls are executed, and look failed to their callers."""
        self._answers_to_lose = count

    def ask(self, work: Callable[[], T], what: str = "") -> T:
        """The answer to one call. Raises Transient, perhaps after the work was done."""
        match self.condition:
            case Condition.REFUSED:
                self._sleep(REFUSAL_SECONDS)
                raise Transient(f"{self.name} refuses the connection {what}")
            case Condition.SILENT:
                return cast(T, self._wait(_Call(work), what))
            case Condition.FAILING if self._random.random() < self.share:
                return self._fail(work, what)
            case Condition.SLOW:
                return self._take_long(work, what)
            case _:
                return self._answer(work, what)

    def _answer(self, work: Callable[[], T], what: str) -> T:
        if self.latency:
            self._sleep(self.latency * (0.5 + self._random.random()))
        if self.condition not in (Condition.UP, Condition.FAILING, Condition.SLOW):
            return self.ask(work, what)  # it went away meanwhile
        result = work()
        if self._answers_to_lose:
            self._answers_to_lose -= 1
            raise self._lost(what)
        return result

    def _wait(self, call: _Call, what: str) -> Any:
        self._undone.append(call)
        waited = 0.0
        while not call.done and waited < self.timeout:
            self._sleep(SLICE_SECONDS)
            waited += SLICE_SECONDS
        if call.done:
            return call.answer()
        raise Transient(f"{self.name} does not answer {what}")

    def _fail(self, work: Callable[[], T], what: str) -> T:
        if self._random.random() < DONE_ALL_THE_SAME:
            self._answer(work, what)
            raise self._lost(what)
        raise Transient(f"{self.name} answers with an error {what}")

    def _take_long(self, work: Callable[[], T], what: str) -> T:
        self._sleep(min(self.delay, self.timeout))
        result = self._answer(work, what)
        if self.delay > self.timeout:
            raise self._lost(what)
        return result

    def _lost(self, what: str) -> Transient:
        self.ambiguous += 1
        return Transient(f"the answer of {self.name} was lost {what}")

    def _catch_up(self) -> None:
        undone, self._undone = self._undone, []
        self.ambiguous += len(undone)
        for call in undone:
            call.run()


class _Reached:
    """A twin behind its server: every call of a method is a call to the server, every item of an iterator too."""

    def __init__(self, server: Server, twin: Any) -> None:
        self._server, self._twin = server, twin

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._twin, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **more: Any) -> Any:
            if arguments and all(isinstance(one, Collection) and not one for one in arguments):
                return found(*arguments, **more)  # about nothing no server is asked
            result = self._server.ask(lambda: found(*arguments, **more), name)
            return self._items(result, name) if isinstance(result, Iterator) else result

        return call

    def _items(self, items: Iterator[Any], name: str) -> Iterator[Any]:
        end = object()
        while True:
            item = self._server.ask(lambda: next(items, end), name)
            if item is end:
                return
            yield item


def reached_through(server: Server, twin: T) -> T:
    """The same contract as the twin's, while its server is as it is."""
    return cast(T, _Reached(server, twin))
