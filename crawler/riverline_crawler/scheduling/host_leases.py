"""A frontier's view of its turns at hosts: none but its own, or those that it shares with other processes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from itertools import count

from riverline.crawl.robots import Rules, rules_of
from riverline.errors import Transient
from riverline_crawler.reading.youtube import quota_day
from riverline_crawler.scheduling.host_scheduler import HostScheduler
from riverline_crawler.scheduling.pace import Pace

ANSWER_SECONDS = 31.0  # by then a request is answered or given up
LOOK_SECONDS = 0.01  # before one looks again whether another crawler's request is answered, at least


class HostLeases:
    """Turns that nobody shares: the pace alone counts."""

    def begun(self, host: str, pace: Pace) -> float:
        """Seconds to wait; 0: the request may start now. Raises Transient when nobody can say."""
        return 0.0

    def unused(self, host: str, pace: Pace) -> None:
        """A turn that was taken, and nothing was to be asked."""

    def ended(self, host: str, pace: Pace, worked: bool) -> None:
        """The answer has come."""

    def failed(self, host: str, asked: float | None) -> float | None:
        """Seconds that all leave the host alone; None: as the pace says."""
        return asked

    def rules(self, origin: str) -> Rules | None:
        """The robots.txt as another crawler has read it. Raises Transient."""
        return None

    def afforded(self, units: int) -> bool:
        """Whether the day's quota of an API still holds so many units; they are spent then. Raises Transient."""
        return True

    def keep(self, origin: str, status: int, body: bytes) -> None:
        """The robots.txt that was read just now."""


FREE = HostLeases()


class SharedHostLeases(HostLeases):
    """Turns through `scheduler`. What it does not take, when it is away, ends by itself: a turn counts for a time."""

    def __init__(
        self,
        scheduler: HostScheduler,
        agent: str,
        name: str = "",
        quota: int = 10_000,
        day: Callable[[], str] = lambda: quota_day(time.time_ns() // 1_000_000),
    ) -> None:
        self._scheduler, self._agent, self._quota, self._day = scheduler, agent, quota, day
        self._name, self._numbers = name or uuid.uuid4().hex, count(1)
        self._tokens: dict[str, str] = {}  # of the last turn at each host

    def begun(self, host: str, pace: Pace) -> float:
        token = f"{self._name}/{next(self._numbers)}"
        # A crawl delay, and a target that says so, allow one request at a time, whoever makes it.
        busy = ANSWER_SECONDS + pace.crawl_delay if pace.concurrency == 1 else pace.patience
        wait = self._scheduler.start(host, token, busy, max(pace.interval, LOOK_SECONDS))
        if not wait:
            self._tokens[host] = token
        return wait

    def unused(self, host: str, pace: Pace) -> None:
        self._finish(host, 0.0, worked=False, last=True)

    def ended(self, host: str, pace: Pace, worked: bool) -> None:
        # While others of ours are unanswered the last one is too, and its turn goes on.
        self._finish(host, max(pace.interval, pace.crawl_delay), worked, last=not pace.active)

    def failed(self, host: str, asked: float | None) -> float | None:
        try:
            return self._scheduler.failed(host, asked)
        except Transient:
            return asked

    def rules(self, origin: str) -> Rules | None:
        found = self._scheduler.robots(origin)
        return rules_of(*found, self._agent) if found else None

    def afforded(self, units: int) -> bool:
        return self._scheduler.spend(f"youtube_{self._day()}", units, self._quota)

    def keep(self, origin: str, status: int, body: bytes) -> None:
        if not 200 <= status < 300 and not 400 <= status < 500:
            return
        try:
            self._scheduler.keep_robots(origin, status, body)
        except Transient:
            return

    def _finish(self, host: str, pause: float, worked: bool, last: bool) -> None:
        try:
            self._scheduler.finish(host, self._tokens.get(host, "") if last else "", pause, worked)
        except Transient:
            return  # the next `begun` will say so
