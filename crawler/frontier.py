"""Which address is visited next: a queue for each host, opened when the host may be asked again. Pure.

Nothing reaches the network but through `next`, so what holds here holds for links, redirects, sitemaps and second tries
alike: an address is visited once, on a host of its target, after its robots.txt was read and as far as that allows.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

from crawler.books import NO_BOOKS, Books
from crawler.counts import Report
from crawler.politeness import Pace
from crawler.robots import EVERYTHING, Rules
from crawler.traps import Traps
from crawler.turns import FREE, Turns
from crawler.visits import Host, Visit
from riverline.crawling.targets import in_paths, start_urls
from riverline.errors import Invalid, Transient
from riverline.model import Target
from riverline.text.url import canonical, host_of, requested

MAX_REDIRECTS = 5
RULES_SECONDS = 6 * 3600  # that a robots.txt is believed
AWAY_SECONDS = 1.0  # before those who give turns are asked again, when they did not answer


def nothing_against(_host: str, _target: Target) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Ways:
    """What a frontier goes by. `hosts_of` gives the hosts of a target; `refusal` the reason why one of them may not be
    asked, or nothing; `rate_of` the most requests a second that a host takes, or infinity; `starts` where a target
    begins; `sitemaps_for` whether it wants the sitemaps that a robots.txt names; `price` what a request costs of a
    quota: such a request is an API's, made under its terms, and needs no robots.txt."""

    hosts_of: Callable[[Target], frozenset[str]]
    refusal: Callable[[str, Target], str] = nothing_against
    rate_of: Callable[[str], float] = lambda _host: math.inf
    sitemaps_for: Callable[[Target], bool] = lambda target: target.kind in ("site", "sitemap")
    starts: Callable[[Target], tuple[str, ...]] = start_urls
    price: Callable[[Visit], int] = lambda _visit: 0
    most_alike: int = 2_000  # addresses of one shape on a host


class Frontier:
    """`books` remember what was added and how it ended; `turns` are taken with other processes."""

    def __init__(self, report: Report, ways: Ways, books: Books = NO_BOOKS, turns: Turns = FREE) -> None:
        self.report, self.waiting = report, 0
        self._ways, self._books, self._turns = ways, books, turns
        self._traps = Traps(ways.most_alike)
        self._hosts: dict[str, Host] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._order = count()
        self._seen: dict[str, str] = {}  # keys, and addresses as they stood in pages, with the target
        self._handed_out: Counter[str] = Counter()

    def starts(self, target: Target) -> tuple[str, ...]:
        """Where a target begins."""
        return self._ways.starts(target)

    def join(self, target: Target, known: list[str], asked: int) -> None:
        """A target comes back with the keys it knows and the number of addresses that its round has asked for."""
        for key in known:
            self._seen.setdefault(key, target.name)
            self._traps.count(key, target.name)
        self._handed_out[target.name] = asked

    def leave(self, name: str) -> None:
        """A target goes: what waits of it is dropped, and what it has seen may be visited by others."""
        self._seen = {key: owner for key, owner in self._seen.items() if owner != name}
        self._traps.forget(name)
        self._handed_out.pop(name, None)
        for host_name, host in list(self._hosts.items()):
            if host.targets.pop(name, None) is None:
                continue
            kept = [visit for visit in host.queue if visit.target.name != name]
            self.waiting -= len(host.queue) - len(kept)
            host.queue.clear()
            host.queue.extend(kept)
            # A robots.txt that was on its way for the target that goes would be answered to nobody.
            host.rules = {origin: rules for origin, rules in host.rules.items() if rules is not None}
            host.told = {pair for pair in host.told if pair[1] != name}
            if not host.targets and not host.pace.active:
                del self._hosts[host_name]
                continue
            host.blocked = False
            self._pace(host_name, host)
            self._arm(host_name)

    def add(self, url: str, target: Target, depth: int, now: float, redirects: int = 0, listed: bool = False) -> bool:
        """Queues an address; `listed`: the site itself lists it. False for one that was seen before or may not be
        visited for this target."""
        if url in self._seen:
            return False
        try:
            visit = Visit(requested(url), canonical(url), host_of(url), target, depth, redirects)
        except Invalid:
            return self._refuse(target, "bad_url", url)
        if reason := self._misplaced(visit):
            return self._refuse(target, reason, visit.url)
        if visit.key in self._seen:
            return False
        self._seen[url] = self._seen[visit.key] = target.name
        if redirects > MAX_REDIRECTS:
            return self._refuse(target, "redirects", visit.url)
        if reason := self._ways.refusal(visit.host, target):
            return self._refuse(target, reason, visit.url)
        if depth and not listed and (reason := self._traps.refusal(visit.key, target.name)):
            return self._refuse(target, reason, visit.url)
        self._books.added(visit)
        self._queue(visit, now)
        return True

    def readd(self, visit: Visit, now: float) -> bool:
        """Queues what an earlier round or an earlier process knew. False where it may not be visited any more."""
        reason = self._misplaced(visit) or self._ways.refusal(visit.host, visit.target)
        if reason:
            return self._refuse(visit.target, reason, visit.url)
        self._queue(visit, now)
        return True

    def next(self, now: float) -> Visit | None:
        """The visit that may start now; None when no host is ready. Each one must be given to `done` in the end."""
        while self._heap and self._heap[0][0] <= now:
            at, _, name = heapq.heappop(self._heap)
            host = self._hosts.get(name)
            if host is None or at != host.armed_at:
                continue
            host.armed_at = math.inf
            visit = self._visit(name, host, now) if host.pace.free and host.pace.ready_at <= now else None
            self._arm(name)
            if visit:
                return visit
        return None

    def wakeup(self, now: float) -> float | None:
        """Seconds until `next` may have something; None when only an answer can bring it."""
        return max(0.0, self._heap[0][0] - now) if self._heap else None

    def done(self, visit: Visit, now: float, worked: bool = False) -> None:
        """An answer came, or none will. `worked`: it says that the host is well."""
        host = self._hosts[visit.host]
        host.pace.ended(now)
        if worked:
            host.pace.worked()
        self._turns.ended(visit.host, host.pace, worked)
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
        if visit.redirects >= MAX_REDIRECTS or self._ways.refusal(host, visit.target):
            return False
        self._queue(replace(visit, url=address, host=host, redirects=visit.redirects + 1, tries=0), now, first=True)
        return True

    def rules(self, visit: Visit, rules: Rules, now: float) -> None:
        """What the robots.txt of `visit` says: the host's queue opens."""
        name = host_of(visit.robots_of)
        if host := self._hosts.get(name):
            self._obey(host, visit.robots_of, rules, now)
            host.blocked = False
            self._arm(name)

    def failed(self, visit: Visit, now: float, retry_after: float | None = None) -> float:
        """The host is busy or away: it is left alone for a while. Gives the seconds."""
        host = self._hosts[visit.host]
        return host.pace.failed(now, self._turns.failed(visit.host, retry_after))

    def drop_waiting(self, reason: str) -> None:
        """Nothing more is handed out."""
        for host in self._hosts.values():
            for visit in host.queue:
                self._refuse(visit.target, reason, visit.url)
            host.queue.clear()
        self.waiting = 0

    def _misplaced(self, visit: Visit) -> str:
        if visit.host not in self._ways.hosts_of(visit.target):
            return "other_host"
        if visit.depth > visit.target.depth:
            return "depth"
        return "" if not visit.depth or in_paths(visit.url, visit.target) else "other_path"

    def _refuse(self, target: Target, reason: str, url: str) -> bool:
        counts = self.report.of(target.name)
        counts.refused[reason] += 1
        counts.first.setdefault(reason, url)
        return False

    def _queue(self, visit: Visit, now: float, first: bool = False) -> None:
        host = self._hosts.get(visit.host)
        if host is None:
            host = self._hosts[visit.host] = Host(Pace(0.0, visit.target.concurrency, held_until=now))
        if host.targets.get(visit.target.name) is not visit.target:
            host.targets[visit.target.name] = visit.target
            self._pace(visit.host, host)
        (host.queue.appendleft if first else host.queue.append)(visit)
        host.blocked = host.blocked and not visit.robots_of and visit.origin in host.rules
        self.waiting += 1
        self._arm(visit.host)

    def _pace(self, name: str, host: Host) -> None:
        """The gentlest of what its targets ask for, and of what is set for the host itself."""
        if host.targets:
            rate = min(self._ways.rate_of(name), *(target.rate for target in host.targets.values()))
            host.pace.set(rate, min(target.concurrency for target in host.targets.values()))

    def _arm(self, name: str) -> None:
        """Puts the host into the heap at the moment it may be asked again, if there is something to ask."""
        host = self._hosts[name]
        if host.queue and host.pace.free and not host.blocked and host.pace.ready_at < host.armed_at:
            host.armed_at = host.pace.ready_at
            heapq.heappush(self._heap, (host.armed_at, next(self._order), name))

    def _visit(self, name: str, host: Host, now: float) -> Visit | None:
        """The host's next visit, if the turn is ours; other processes may have it."""
        try:
            wait = self._turns.begun(name, host.pace)
            visit = None if wait else self._take(host, now)
        except Transient:
            self.report.paused += 1
            wait, visit = AWAY_SECONDS, None
        if wait:
            host.pace.hold(now + wait)
        elif visit is None:
            self._turns.unused(name, host.pace)
        else:
            host.pace.started(now)
        return visit

    def _take(self, host: Host, now: float) -> Visit | None:
        """The host's next visit that its rules allow, or its robots.txt first; None while all wait for one."""
        turned = 0
        while turned < len(host.queue):
            visit = host.queue[0]
            if visit.robots_of:
                return self._pop(host)
            if price := self._ways.price(visit):
                if self._allowed(self._pop(host), EVERYTHING, price):
                    return visit
                continue
            origin = visit.origin
            if origin not in host.rules or host.rules_until.get(origin, math.inf) < now:
                if known := self._turns.rules(origin):
                    self._obey(host, origin, known, now)
                    continue
                host.rules[origin] = None
                host.rules_until.pop(origin, None)
                return replace(visit, url=f"{origin}/robots.txt", robots_of=origin, tries=0, redirects=0)
            rules = host.rules[origin]
            if rules is None:
                host.queue.rotate(-1)
                turned += 1
            elif self._tell(host, visit, rules, now):
                turned = 0
            elif self._allowed(self._pop(host), rules):
                return visit
        host.blocked = bool(host.queue)
        return None

    def _obey(self, host: Host, origin: str, rules: Rules, now: float) -> None:
        host.rules[origin] = rules
        host.rules_until[origin] = now + RULES_SECONDS
        host.pace.obey(rules.crawl_delay, now)

    def _tell(self, host: Host, visit: Visit, rules: Rules, now: float) -> bool:
        """Queues the sitemaps that a robots.txt names, once for each target. Whether it did."""
        pair = (visit.origin, visit.target.name)
        if pair in host.told:
            return False
        host.told.add(pair)
        wanted = rules.sitemaps if self._ways.sitemaps_for(visit.target) else ()
        added = [self.add(url, visit.target, 0, now, listed=True) for url in wanted]
        return any(added)

    def _pop(self, host: Host) -> Visit:
        self.waiting -= 1
        return host.queue.popleft()

    def _allowed(self, visit: Visit, rules: Rules, price: int = 0) -> bool:
        name = visit.target.name
        reason = ""
        if not rules.allows(visit.url):
            reason = "robots" if rules.reachable else "robots_unreachable"
        elif self._handed_out[name] >= visit.target.max_pages:
            reason = "max_pages"
        elif price and not self._turns.afforded(price):
            reason = "quota"
        if reason:
            self._books.over(visit)
            return self._refuse(visit.target, reason, visit.url)
        self._handed_out[name] += 1
        self.report.of(name).requested += 1
        return True
