"""Which address is visited next: a queue for each host, opened when the host may be asked again. Pure.

Nothing reaches the network but through `next`, so what holds here holds for links, redirects, sitemaps and second tries
alike: an address is visited once, on a host of its target, after its robots.txt was read and as far as that allows.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from crawler.counts import Report
from crawler.politeness import Pace
from crawler.robots import Rules
from riverline.errors import Invalid
from riverline.model import Target
from riverline.text.url import canonical, host_of, requested

MAX_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """One address to ask for."""

    url: str  # as it is asked for
    key: str  # what it is known by
    host: str
    target: Target
    depth: int = 0
    redirects: int = 0  # that led here
    tries: int = 0  # before this one
    robots_of: str = ""  # the origin whose robots.txt this is

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a robots.txt is for."""
        return "/".join(self.url.split("/", 3)[:3])


@dataclass(slots=True)
class Host:
    """A host's queue, its pace and the rules of its origins. None among the rules: asked for, not there yet."""

    pace: Pace
    queue: deque[Visit] = field(default_factory=deque)
    rules: dict[str, Rules | None] = field(default_factory=dict)
    targets: set[str] = field(default_factory=set)
    armed_at: float = math.inf  # its time in the heap; other entries of it there are stale
    blocked: bool = False  # whether all of its queue waits for a robots.txt


def nothing_against(_host: str, _target: Target) -> str:
    return ""


class Frontier:
    """`hosts_of` gives the hosts of a target; `refusal` the reason why one of them may not be asked, or nothing."""

    def __init__(
        self,
        report: Report,
        hosts_of: Callable[[Target], frozenset[str]],
        refusal: Callable[[str, Target], str] = nothing_against,
    ) -> None:
        self.report = report
        self.waiting = 0
        self._hosts_of, self._refusal = hosts_of, refusal
        self._hosts: dict[str, Host] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._order = count()
        self._seen: set[str] = set()  # keys, and addresses as they stood in pages
        self._handed_out: Counter[str] = Counter()

    def add(self, url: str, target: Target, depth: int, now: float, redirects: int = 0) -> bool:
        """Queues an address. False for one that was seen before or may not be visited for this target."""
        if url in self._seen:
            return False
        try:
            visit = Visit(requested(url), canonical(url), host_of(url), target, depth, redirects)
        except Invalid:
            return self._refuse(target, "bad_url")
        if visit.host not in self._hosts_of(target):
            return self._refuse(target, "other_host")
        if depth > target.depth:
            return self._refuse(target, "depth")
        if visit.key in self._seen:
            return False
        self._seen.update((url, visit.key))
        if redirects > MAX_REDIRECTS:
            return self._refuse(target, "redirects")
        if reason := self._refusal(visit.host, target):
            return self._refuse(target, reason)
        self._queue(visit, now)
        return True

    def next(self, now: float) -> Visit | None:
        """The visit that may start now; None when no host is ready. Each one must be given to `done` in the end."""
        while self._heap and self._heap[0][0] <= now:
            at, _, name = heapq.heappop(self._heap)
            host = self._hosts[name]
            if at != host.armed_at:
                continue
            host.armed_at = math.inf
            visit = self._take(host) if host.pace.free and host.pace.ready_at <= now else None
            if visit:
                host.pace.started(now)
            self._arm(name)
            if visit:
                return visit
        return None

    def wakeup(self, now: float) -> float | None:
        """Seconds until `next` may have something; None when only an answer can bring it."""
        return max(0.0, self._heap[0][0] - now) if self._heap else None

    def done(self, visit: Visit, now: float) -> None:
        """An answer came, or none will."""
        self._hosts[visit.host].pace.ended(now)
        self._arm(visit.host)

    def again(self, visit: Visit, reason: str) -> None:
        """The same visit once more, before the others of its host."""
        self.report.of(visit.target.name).retried[reason] += 1
        self._queue(replace(visit, tries=visit.tries + 1), 0.0, first=True)

    def redirect_robots(self, visit: Visit, url: str, now: float) -> bool:
        """Follows a redirect of a robots.txt, to any host that may be asked. False for one that leads nowhere."""
        try:
            address, host = requested(url), host_of(url)
        except Invalid:
            return False
        if visit.redirects >= MAX_REDIRECTS or self._refusal(host, visit.target):
            return False
        self._queue(replace(visit, url=address, host=host, redirects=visit.redirects + 1, tries=0), now, first=True)
        return True

    def rules(self, visit: Visit, rules: Rules, now: float) -> None:
        """What the robots.txt of `visit` says: the host's queue opens."""
        name = host_of(visit.robots_of)
        host = self._hosts[name]
        host.rules[visit.robots_of] = rules
        host.pace.obey(rules.crawl_delay, now)
        host.blocked = False
        self._arm(name)

    def failed(self, visit: Visit, now: float, retry_after: float | None = None) -> float:
        """The host is busy or away: it is left alone for a while. Gives the seconds."""
        return self._hosts[visit.host].pace.failed(now, retry_after)

    def worked(self, visit: Visit) -> None:
        self._hosts[visit.host].pace.worked()

    def drop_waiting(self, reason: str) -> None:
        """Nothing more is handed out."""
        for host in self._hosts.values():
            for visit in host.queue:
                self._refuse(visit.target, reason)
            host.queue.clear()
        self.waiting = 0

    def _refuse(self, target: Target, reason: str) -> bool:
        self.report.of(target.name).refused[reason] += 1
        return False

    def _queue(self, visit: Visit, now: float, first: bool = False) -> None:
        host = self._hosts.get(visit.host)
        if host is None:
            host = self._hosts[visit.host] = Host(Pace(1 / visit.target.rate, visit.target.concurrency, held_until=now))
        if visit.target.name not in host.targets:
            host.targets.add(visit.target.name)
            host.pace.join(visit.target.rate, visit.target.concurrency)
        (host.queue.appendleft if first else host.queue.append)(visit)
        host.blocked = host.blocked and not visit.robots_of and visit.origin in host.rules
        self.waiting += 1
        self._arm(visit.host)

    def _arm(self, name: str) -> None:
        """Puts the host into the heap at the moment it may be asked again, if there is something to ask."""
        host = self._hosts[name]
        if host.queue and host.pace.free and not host.blocked and host.pace.ready_at < host.armed_at:
            host.armed_at = host.pace.ready_at
            heapq.heappush(self._heap, (host.armed_at, next(self._order), name))

    def _take(self, host: Host) -> Visit | None:
        """The host's next visit that its rules allow, or its robots.txt first; None while all wait for one."""
        for _ in range(len(host.queue)):
            visit = host.queue[0]
            if visit.robots_of:
                return self._pop(host)
            origin = visit.origin
            if origin not in host.rules:
                host.rules[origin] = None
                return replace(visit, url=f"{origin}/robots.txt", robots_of=origin, tries=0, redirects=0)
            rules = host.rules[origin]
            if rules is None:
                host.queue.rotate(-1)
            elif self._allowed(self._pop(host), rules):
                return visit
        host.blocked = bool(host.queue)
        return None

    def _pop(self, host: Host) -> Visit:
        self.waiting -= 1
        return host.queue.popleft()

    def _allowed(self, visit: Visit, rules: Rules) -> bool:
        name = visit.target.name
        if not rules.allows(visit.url):
            return self._refuse(visit.target, "robots" if rules.reachable else "robots_unreachable")
        if self._handed_out[name] >= visit.target.max_pages:
            return self._refuse(visit.target, "max_pages")
        self._handed_out[name] += 1
        self.report.of(name).requested += 1
        return True
