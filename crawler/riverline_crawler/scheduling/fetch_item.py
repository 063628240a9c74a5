"""One address to ask for, and the host that it is on. Pure."""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field

from riverline.crawl.robots import Rules
from riverline.model import Target
from riverline_crawler.scheduling.pace import Pace


@dataclass(frozen=True, slots=True)
class FetchItem:
    """One address to ask for. `etag`, `last_modified` and `digest` are of the visit before, in an earlier round."""

    url: str  # as it is asked for
    key: str  # what it is known by
    host: str
    target: Target
    depth: int = 0
    redirects: int = 0  # that led here
    tries: int = 0  # before this one
    robots_of: str = ""  # the origin whose robots.txt this is
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    counted: bool = False  # whether it was asked for before, under this or another spelling

    @property
    def is_start(self) -> bool:
        """Whether its target begins here, or where a start address has led by redirects."""
        return not self.depth

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a robots.txt is for."""
        return "/".join(self.url.split("/", 3)[:3])


@dataclass(slots=True)
class Host:
    """A host's pages, its pace and the rules of its origins. None among the rules: asked for, not there yet.

    `queue` holds what was not tried yet, `later` what has failed: it comes when its time has come, and after the queue.
    """

    pace: Pace
    queue: deque[FetchItem] = field(default_factory=deque)
    later: list[tuple[float, int, FetchItem]] = field(default_factory=list)
    rules: dict[str, Rules | None] = field(default_factory=dict)
    rules_until: dict[str, float] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)  # origin and target, whose sitemaps are queued
    targets: dict[str, Target] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)  # pages that have failed since one worked
    armed_at: float = math.inf  # its time in the heap; other entries of it there are stale
    blocked: bool = False  # whether all of its queue waits for a robots.txt

    @property
    def waiting(self) -> int:
        return len(self.queue) + len(self.later)

    @property
    def next_at(self) -> float:
        """When there is something to ask, as far as its pace is concerned; infinity: when an answer has come."""
        if self.queue and not self.blocked:
            return self.pace.ready_at
        return max(self.pace.ready_at, self.later[0][0]) if self.later else math.inf

    def recall(self, now: float) -> bool:
        """Puts a page that has failed, and whose time has come, into the queue. Whether there was one."""
        if not self.later or self.later[0][0] > now:
            return False
        self.queue.append(heapq.heappop(self.later)[2])
        return True

    def drop(self, target: str) -> int:
        """Drops what waits for a target. Gives how many."""
        before = self.waiting
        self.queue = deque(visit for visit in self.queue if visit.target.name != target)
        self.later = [entry for entry in self.later if entry[2].target.name != target]
        heapq.heapify(self.later)
        return before - self.waiting

    def clear(self) -> list[FetchItem]:
        """Drops all that waits, and gives it."""
        dropped = [*self.queue, *(visit for _, _, visit in self.later)]
        self.queue.clear()
        self.later.clear()
        return dropped

    def why(self, now: float) -> str:
        """What its pages wait for, in a word."""
        if self.pace.held_until > now:
            return self.pace.held_for or "pause"
        if self.blocked:
            return "robots.txt"
        if self.pace.active:
            return "answer"
        return "rate" if self.queue else "retry"


@dataclass(frozen=True, slots=True)
class Wait:
    """A host whose pages wait: how many, for how many seconds at least, and why."""

    host: str
    pages: int
    seconds: float
    why: str
