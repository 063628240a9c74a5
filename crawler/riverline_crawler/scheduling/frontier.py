"""Which address is visited next: a queue for each host, opened when the host may be asked again. Pure.

Nothing reaches the network but through `next`, so what holds here holds for links, redirects, sitemaps and second tries
alike: an address is visited once, on a host of its target, after its robots.txt was read and as far as that allows.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from dataclasses import replace
from itertools import count

from riverline.crawl.robots import EVERYTHING, Rules
from riverline.errors import Invalid, Transient
from riverline.model import Target
from riverline.parsing.html.links import absolute
from riverline.parsing.url import canonical, host_of, requested
from riverline_crawler.reading.session_ids import SessionIds
from riverline_crawler.reading.spider_traps import SpiderTraps
from riverline_crawler.scheduling.crawl_state import NO_STATE, CrawlState
from riverline_crawler.scheduling.fetch_item import FetchItem, Host, Wait
from riverline_crawler.scheduling.frontier_policy import FrontierPolicy
from riverline_crawler.scheduling.host_leases import FREE, HostLeases
from riverline_crawler.scheduling.links_at_sight import LinksAtSight
from riverline_crawler.scheduling.pace import AWAY_SECONDS, Failed, Pace, pause_after_pages, pause_of_page
from riverline_crawler.scheduling.redirects import MAX_REDIRECTS, moved_robots, respelled
from riverline_crawler.stats import Report


class Frontier:
    """`crawl_state` remember what was added and how it ended; `leases` are taken with other processes."""

    def __init__(
        self, report: Report, policy: FrontierPolicy, crawl_state: CrawlState = NO_STATE, leases: HostLeases = FREE
    ) -> None:
        self.report, self.waiting = report, 0
        self._policy, self._crawl_state, self._leases = policy, crawl_state, leases
        self._traps = SpiderTraps(policy.most_alike)
        self._session_ids = SessionIds()
        self._sight = LinksAtSight(policy.hosts_of)
        self.starts = policy.starts
        self._hosts: dict[str, Host] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._order = count()
        self._seen: dict[str, str] = {}  # keys, and addresses as they stood in pages, with the target
        self._handed_out: Counter[str] = Counter()

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
        self._sight.forget(name)
        self._session_ids.forget(name)
        self._handed_out.pop(name, None)
        for host_name, host in list(self._hosts.items()):
            if name not in host.targets:
                continue
            self.waiting -= host.leave(name)
            if not host.targets and not host.pace.active:
                del self._hosts[host_name]
                continue
            host.set_pace(self._policy.rate_of(host_name))
            self._arm(host_name)

    def add(self, url: str, target: Target, depth: int, now: float, redirects: int = 0, listed: bool = False) -> bool:
        """Queues an address; `listed`: the site itself lists it. False for one that was seen before or may not be
        visited for this target."""
        if url in self._seen or url in self._sight:
            return False
        if reason := self._sight.misplaced(url, target, depth):
            return self._refuse(target, reason, url, not depth)
        try:
            visit = FetchItem(requested(url), canonical(url), host_of(url), target, depth, redirects)
        except Invalid:
            return self._refuse(target, "bad_url", url, not depth)
        if reason := self._policy.misplaced(visit):
            return self._refuse(target, reason, visit.url, visit.is_start)
        if visit.key in self._seen:
            self._sight.spells(url)
            return False
        self._seen[url] = self._seen[visit.key] = target.name
        if redirects > MAX_REDIRECTS:
            return self._refuse(target, "redirects", visit.url, visit.is_start)
        if reason := self._policy.refusal(visit.origin, target):
            return self._refuse(target, reason, visit.url, visit.is_start)
        if depth and not listed and (reason := self._traps.refusal(visit.key, target.name)):
            return self._refuse(target, reason, visit.url)
        if depth and not listed and self._session_ids.repeats(visit.key, target.name):
            return self._refuse(target, "session", visit.url)
        self._crawl_state.added(visit)
        self._queue(visit, now)
        return True

    def readd(self, visit: FetchItem, now: float) -> bool:
        """Queues what an earlier round or an earlier process knew. False where it may not be visited any more."""
        if reason := self._policy.misplaced(visit) or self._policy.refusal(visit.origin, visit.target):
            return self._refuse(visit.target, reason, visit.url)
        self._queue(visit, now)
        return True

    def learn(self, visit: FetchItem, body: bytes) -> None:
        """A page was read: it tells which parameters make no difference."""
        self._session_ids.learn(visit.key, body, visit.target.name)

    def next(self, now: float) -> FetchItem | None:
        """The visit that may start now; None when no host is ready. Each one must be given to `done` in the end."""
        while self._heap and self._heap[0][0] <= now and self._crawl_state.holds(now):
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
        if not self._heap:
            return None
        return max(0.0, self._heap[0][0] - now) if self._crawl_state.holds(now) else AWAY_SECONDS

    def done(self, visit: FetchItem, now: float, worked: bool = False) -> None:
        """An answer came, or none will. `worked`: it says that the host is well."""
        host = self._hosts[visit.host]
        host.pace.ended(now)
        if worked:
            host.pace.worked()
            host.failing.clear()
        self._leases.ended(visit.host, host.pace, worked)
        self._arm(visit.host)

    def again(self, visit: FetchItem, reason: str, now: float, asked: float | None = None) -> None:
        """The same visit once more: a robots.txt before all that waits for it, a page when its own pause is over and
        after every page of its host that was not tried yet."""
        self.report.of(visit.target.name).retried[reason] += 1
        again = replace(visit, tries=visit.tries + 1)
        if visit.robots_of:
            self._queue(again, 0.0, first=True)
        else:
            self._queue(again, 0.0, at=now + pause_of_page(visit.tries, asked))

    def respelled(self, visit: FetchItem, url: str, now: float) -> str:
        """Follows a redirect of a page to another spelling of its own address. Empty, or why not (`redirects.py`)."""
        moved = respelled(visit, url)
        if isinstance(moved, FetchItem):
            self._queue(moved, now, first=True)
        return moved if isinstance(moved, str) else ""

    def redirect_robots(self, visit: FetchItem, url: str, now: float) -> bool:
        """Follows a redirect of a robots.txt, to any host that may be asked. False for one that leads nowhere."""
        moved = moved_robots(visit, url)
        if moved is None or self._policy.refusal(moved.origin, visit.target):
            return False
        self._queue(moved, now, first=True)
        return True

    def rules(self, visit: FetchItem, rules: Rules, now: float) -> None:
        """What the robots.txt of `visit` says: the host's queue opens."""
        name = host_of(visit.robots_of)
        if host := self._hosts.get(name):
            self._obey(host, visit.robots_of, rules, now)
            host.blocked = False
            self._arm(name)

    def failed(self, visit: FetchItem, failure: Failed, now: float) -> float:
        """A request failed. Gives the seconds for which its host is left alone; infinity: it was given up. One failure
        is enough where the host limits us or gives no robots.txt; of pages several must fail in a row."""
        host = self._hosts[visit.host]
        if failure.limited or visit.robots_of:
            shared = self._leases.failed(visit.host, failure.retry_after) if failure.reached else None
            return host.pace.failed(now, failure.retry_after if shared is None else shared, failure.reason)
        host.failing.add(visit.key)
        pause = pause_after_pages(len(host.failing), failure.answered)
        if pause > self._policy.patience:
            self._give_up(host, failure.reason)
            return math.inf
        if pause:
            host.pace.hold(now + (self._leases.failed(visit.host, pause) or pause), failure.reason)
        return pause

    def waits(self, now: float) -> list[Wait]:
        """The hosts whose pages wait, the longest pause first."""
        found = [host.wait(name, now) for name, host in self._hosts.items() if host.waiting]
        return sorted(found, key=lambda wait: (-wait.seconds, -wait.pages))

    def drop_waiting(self, reason: str) -> None:
        """Nothing more is handed out."""
        for host in self._hosts.values():
            self._drop(host, reason)

    def _refuse(self, target: Target, reason: str, url: str, start: bool = False) -> bool:
        self.report.of(target.name).refuse(reason, url, start)
        return False

    def _give_up(self, host: Host, reason: str) -> None:
        """Nothing of a host that is away is waited for any longer."""
        for visit in host.clear():
            self.waiting -= 1
            self._crawl_state.over(visit)
            self.report.of(visit.target.name).gave_up(reason, visit.url, start=visit.is_start)

    def _drop(self, host: Host, reason: str) -> None:
        for visit in host.clear():
            self.waiting -= 1
            self._refuse(visit.target, reason, visit.url, visit.is_start)

    def _queue(self, visit: FetchItem, now: float, first: bool = False, at: float | None = None) -> None:
        """`at`: not before then, and after what was not tried yet; else `first`, before all others, or the last."""
        host = self._hosts.get(visit.host)
        if host is None:
            host = self._hosts[visit.host] = Host(Pace(0.0, visit.target.concurrency, held_until=now))
        if host.targets.get(visit.target.name) is not visit.target:
            host.targets[visit.target.name] = visit.target
            host.set_pace(self._policy.rate_of(visit.host))
        if at is None:
            (host.queue.appendleft if first else host.queue.append)(visit)
            host.blocked = host.blocked and not visit.robots_of and visit.origin in host.rules
        else:
            heapq.heappush(host.later, (at, next(self._order), visit))
        self.waiting += 1
        self._arm(visit.host)

    def _arm(self, name: str) -> None:
        """Puts the host into the heap at the moment it may be asked again, if there is something to ask."""
        host = self._hosts[name]
        if host.pace.free and host.next_at < host.armed_at:
            host.armed_at = host.next_at
            heapq.heappush(self._heap, (host.armed_at, next(self._order), name))

    def _visit(self, name: str, host: Host, now: float) -> FetchItem | None:
        """The host's next visit, if the turn is ours; other processes may have it."""
        why = "another crawler"
        try:
            wait = self._leases.begun(name, host.pace)
            visit = None if wait else self._take(host, now)
        except Transient:
            self.report.paused += 1
            wait, visit, why = AWAY_SECONDS, None, "Redis, which coordinates the crawlers, does not answer"
        if wait > self._policy.patience and not host.rules:
            self._drop(host, "paused")
        elif wait:
            host.pace.hold(now + wait, why)
        elif visit is None:
            self._leases.unused(name, host.pace)
        else:
            host.pace.started(now)
        return visit

    def _take(self, host: Host, now: float) -> FetchItem | None:
        """The host's next visit: one that was not tried yet, else one whose pause is over."""
        while (visit := self._untried(host, now)) is None and host.recall(now):
            pass
        return visit

    def _untried(self, host: Host, now: float) -> FetchItem | None:
        """The first of the queue that its rules allow, or its robots.txt first; None while all wait for one."""
        turned = 0
        while turned < len(host.queue):
            visit = host.queue[0]
            if visit.robots_of:
                return self._pop(host)
            if price := self._policy.price(visit):
                if self._allowed(self._pop(host), EVERYTHING, price):
                    return replace(visit, counted=True)
                continue
            origin = visit.origin
            if origin not in host.rules or host.rules_until.get(origin, math.inf) < now:
                if known := self._leases.rules(origin):
                    self._obey(host, origin, known, now)
                    continue
                return host.robots_first(visit)
            rules = host.rules[origin]
            if rules is None:
                host.queue.rotate(-1)
                turned += 1
            elif self._tell(host, visit, rules, now):
                turned = 0
            elif self._allowed(self._pop(host), rules):
                return replace(visit, counted=True)
        host.blocked = bool(host.queue)
        return None

    def _obey(self, host: Host, origin: str, rules: Rules, now: float) -> None:
        host.obey(origin, rules, now, self._policy.longest_delay)
        for name in host.targets:
            counts = self.report.of(name)
            counts.crawl_delay = max(counts.crawl_delay, rules.crawl_delay or 0.0)

    def _tell(self, host: Host, visit: FetchItem, rules: Rules, now: float) -> bool:
        """Queues the sitemaps that a robots.txt names, once for each target. Whether it did."""
        pair = (visit.origin, visit.target.name)
        if pair in host.told:
            return False
        host.told.add(pair)
        wanted = rules.sitemaps if self._policy.sitemaps_for(visit.target) else ()
        places = [url for sitemap in wanted if (url := absolute(sitemap, f"{visit.origin}/robots.txt"))]
        added = [self.add(url, visit.target, 0, now, listed=True) for url in places]
        return any(added)

    def _pop(self, host: Host) -> FetchItem:
        self.waiting -= 1
        return host.queue.popleft()

    def _allowed(self, visit: FetchItem, rules: Rules, price: int = 0) -> bool:
        name = visit.target.name
        reason = ""
        if not rules.allows(visit.url):
            reason = "robots" if rules.reachable else "robots_unreachable"
        elif not visit.counted and self._handed_out[name] >= visit.target.max_pages:
            reason = "max_pages"
        elif price and not self._leases.afforded(price):
            reason = "quota"
        if reason:
            self._crawl_state.over(visit)
            if rules.reachable or not rules.reason:
                return self._refuse(visit.target, reason, visit.url, visit.is_start)
            self.report.of(name).gave_up(rules.reason, visit.url, visit.is_start)
            return False
        self._handed_out[name] += not visit.counted
        self.report.of(name).requested += 1
        return True
