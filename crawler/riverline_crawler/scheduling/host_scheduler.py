"""What all crawlers share: when a host may be asked again, and what its robots.txt says.

Two forms pass one suite: `riverline` keeps it in Redis (adapters/redis/host_scheduler.py); the twin here serves tests.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from riverline_crawler.scheduling.pace import FIRST_PAUSE, MAX_PAUSE

GRACE_SECONDS = 0.25  # that a turn is kept for the crawler that waits for it
ROBOTS_SECONDS = 6 * 3600  # that a robots.txt is believed


class HostScheduler(Protocol):
    """All raise Transient when it cannot be asked: then nobody may be visited."""

    def start(self, host: str, token: str, busy: float, look: float) -> float:
        """Asks for the next request to a host. 0: it may start, and the next one not before `busy` seconds unless
        `finish` says otherwise. Else the seconds to wait before asking again: `look` at most, while the wait is for an
        answer that may come any time. The token is `crawler/number`. Crawlers that wait are served in the order in
        which they came; the turn is kept for GRACE_SECONDS for the next one."""

    def finish(self, host: str, token: str, pause: float, worked: bool) -> None:
        """The request that began with the token is answered: the next one may start `pause` seconds from now.
        `worked`: failures are counted anew."""

    def failed(self, host: str, asked: float | None) -> float:
        """The host is busy or away: nobody asks it for what it asked for, or longer with each failure in a row.
        Gives the seconds."""

    def robots(self, origin: str) -> tuple[int, bytes] | None:
        """Status and body of its robots.txt as a crawler read it in the last ROBOTS_SECONDS."""

    def keep_robots(self, origin: str, status: int, body: bytes) -> None:
        """What was read just now."""

    def spend(self, account: str, units: int, limit: int) -> bool:
        """Takes units from an account that holds `limit`, if it still holds so many."""


def pause_after(failures: int, asked: float | None) -> float:
    """Seconds after so many failures in a row before this one."""
    return min(FIRST_PAUSE * 2**failures if asked is None else asked, MAX_PAUSE)


@dataclass(slots=True)
class _Host:
    ready_at: float = 0.0
    held_until: float = 0.0
    token: str = ""
    failures: int = 0
    unanswered: bool = False
    waiting: dict[str, float] = field(default_factory=dict)  # crawlers in their order, and by when each comes again


class MemoryHostScheduler:
    """The twin in memory; `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._robots: dict[str, tuple[float, int, bytes]] = {}
        self._spent: Counter[str] = Counter()

    def start(self, host: str, token: str, busy: float, look: float) -> float:
        held, now, who = self._hosts.setdefault(host, _Host()), self._clock(), token.partition("/")[0]
        wait = max(held.ready_at, held.held_until) - now
        held.waiting = {name: until for name, until in held.waiting.items() if until > now}
        if wait > 0:
            if held.unanswered and held.ready_at > held.held_until:
                wait = max(min(wait, look), held.held_until - now)
        elif next(iter(held.waiting), who) != who:
            wait = min(look, GRACE_SECONDS)
        else:
            held.waiting.pop(who, None)
            held.ready_at, held.token, held.unanswered = now + busy, token, True
            return 0.0
        held.waiting[who] = now + wait + GRACE_SECONDS
        return wait

    def finish(self, host: str, token: str, pause: float, worked: bool) -> None:
        held, then = self._hosts.setdefault(host, _Host()), self._clock() + pause
        if held.token == token:
            held.ready_at, held.unanswered = then, False
        else:
            held.ready_at = max(held.ready_at, then)
        held.failures = 0 if worked else held.failures

    def failed(self, host: str, asked: float | None) -> float:
        held = self._hosts.setdefault(host, _Host())
        pause = pause_after(held.failures, asked)
        held.failures = min(held.failures + 1, 10)
        held.held_until = max(held.held_until, self._clock() + pause)
        return pause

    def robots(self, origin: str) -> tuple[int, bytes] | None:
        until, status, body = self._robots.get(origin, (0.0, 0, b""))
        return (status, body) if until > self._clock() else None

    def keep_robots(self, origin: str, status: int, body: bytes) -> None:
        self._robots[origin] = (self._clock() + ROBOTS_SECONDS, status, body)

    def spend(self, account: str, units: int, limit: int) -> bool:
        if self._spent[account] + units > limit:
            return False
        self._spent[account] += units
        return True
