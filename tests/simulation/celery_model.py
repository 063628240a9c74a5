"""A model of Celery: a queue, workers that take from it and may die, and the sweep of the outbox every five seconds.

What is run is programs/riverline_tasks/timelines.py, with its own retries. A task whose worker dies runs again: it is
acknowledged late.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import riverline_tasks.timelines
from riverline.adapters.elasticsearch.post_documents import PostDocuments
from riverline.errors import Transient
from riverline.feed.feed import Feed
from riverline.testing.outages import Server
from tests.simulation.clock import Actor, Clock

WORKERS = 2
SHORTEST_REST, LONGEST_REST = 0.25, 8.0  # seconds between two looks at an empty queue
REDELIVERY = 120.0  # seconds until the task of a worker that is gone is given to another
RESTART = 5.0


class Retried(Exception):
    """A task goes on later."""


class Celery:
    """`feed` reaches its stores as a worker does; the queue is behind a server of its own."""

    def __init__(
        self, clock: Clock, random: Random, server: Server, feed: Feed, index: PostDocuments, sweep: float = 5.0
    ) -> None:
        self._clock, self._random, self._server, self._feed = clock, random, server, feed
        self._delivery = feed.delivery(index, self.send)
        self._queue: deque[tuple[str, tuple[Any, ...], int]] = deque()
        self._running: dict[Actor, tuple[str, tuple[Any, ...], int]] = {}
        self._sweep = sweep
        self.told: Counter[str] = Counter()
        self.faults: list[str] = []
        for number in range(WORKERS):
            clock.spawn(f"celery-{number}", self._work)
        clock.spawn("beat", self._beat)

    def send(self, job: Any) -> None:
        """As riverline_tasks.timelines does it: what is not sent, the sweep sends."""
        riverline_tasks.timelines._send(job)

    def send_task(self, name: str, arguments: tuple[Any, ...], **_: Any) -> None:
        self._server.ask(lambda: self._queue.append((name, arguments, 0)))

    def waiting(self, _names: Any) -> list[Any]:
        return self._server.ask(lambda: [SimpleNamespace(seconds=0.0)])

    def lose_queue(self) -> None:
        self._queue.clear()

    def crash(self) -> None:
        """A worker dies in the middle of what it does, if one does something."""
        for actor, task in list(self._running.items())[:1]:
            self.told["crashes"] += 1
            del self._running[actor]
            self._clock.later(self._random.choice((0.2, REDELIVERY)), partial(self._queue.append, task))
            self._clock.later(RESTART, lambda: self._clock.spawn("celery", self._work))
            self._clock.end(actor)

    @contextmanager
    def in_the_place_of_celery(self) -> Iterator[None]:
        with (
            patch.object(riverline_tasks.timelines, "app", self),
            patch.object(riverline_tasks.timelines, "delivery", lambda: self._delivery),
            patch.object(riverline_tasks.timelines, "broker", lambda: self),
            patch.object(riverline_tasks.timelines, "random", self._random),
        ):
            yield

    def _work(self) -> None:
        actor = self._clock.actor
        assert actor is not None
        rest = SHORTEST_REST
        while True:
            if not self._queue:
                self._clock.sleep(rest)
                rest = min(rest * 2, LONGEST_REST)
                continue
            rest = SHORTEST_REST
            task = self._running[actor] = self._queue.popleft()
            self._run(*task)
            del self._running[actor]

    def _run(self, name: str, arguments: tuple[Any, ...], retries: int) -> None:
        def retry(exc: Exception, countdown: float, max_retries: int) -> Exception:
            if retries >= max_retries:
                return exc
            self._clock.later(countdown, lambda: self._queue.append((name, arguments, retries + 1)))
            return Retried()

        me = SimpleNamespace(request=SimpleNamespace(retries=retries), retry=retry)
        self.told["tasks"] += 1
        try:
            riverline_tasks.timelines._deliver(me, *arguments)
        except (Retried, Transient):
            self.told["retries"] += 1
        except Exception as error:
            self.faults.append(f"{name}{arguments}: {error!r}")

    def _beat(self) -> None:
        while True:
            self._clock.sleep(self._sweep)
            try:
                riverline_tasks.timelines.sweep_outbox.run()
            except Transient:
                self.told["sweeps failed"] += 1
            except Exception as error:
                self.faults.append(f"sweep: {error!r}")
