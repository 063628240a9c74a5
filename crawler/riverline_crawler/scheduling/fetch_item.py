"""One address to ask for, and the host that it is on. Pure."""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field, replace

from riverline.crawl.robots import Rules
from riverline.model import Target
from riverline_crawler.scheduling.pace import Pace

RULES_SECONDS = 6 * 3600  # that a robots.txt is believed
UNREACHABLE_SECONDS = 600.0  # that one is taken to be out of reach


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

    def set_pace(self, most: float) -> None:
        """The slowest rate and the smallest concurrency of its targets; `most`: requests a second set for the host."""
        if self.targets:
            rate = min(most, *(target.rate for target in self.targets.values()))
            self.pace.set(rate, min(target.concurrency for target in self.targets.values()))

    def obey(self, origin: str, rules: Rules, now: float, longest_delay: float) -> None:
        """Takes the rules of an origin's robots.txt, for a time."""
        self.rules[origin] = rules
        self.rules_until[origin] = now + (RULES_SECONDS if rules.reachable else UNREACHABLE_SECONDS)
        self.pace.obey(rules.crawl_delay, now, longest_delay)

    def robots_first(self, visit: FetchItem) -> FetchItem:
        """The visit of the robots.txt for which this page, and others of its origin, wait."""
        self.rules[visit.origin] = None
        self.rules_until.pop(visit.origin, None)
        return replace(visit, url=f"{visit.origin}/robots.txt", robots_of=visit.origin, tries=0, redirects=0)

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

    def leave(self, target: str) -> int:
        """Forgets a target, and drops what waits for it. Gives how many."""
        del self.targets[target]
        # A robots.txt that was requested for this target would be answered to no one.
        self.rules = {origin: rules for origin, rules in self.rules.items() if rules is not None}
        self.told = {pair for pair in self.told if pair[1] != target}
        self.blocked = False
        return self.drop(target)

    def clear(self) -> list[FetchItem]:
        """Drops all that waits, and gives it."""
        dropped = [*self.queue, *(visit for _, _, visit in self.later)]
        self.queue.clear()
        self.later.clear()
        return dropped

    def wait(self, name: str, now: float) -> Wait:
        """For how long its pages wait, and why."""
        return Wait(name, self.waiting, max(0.0, self.next_at - now) if self.next_at < math.inf else 0.0, self.why(now))

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
