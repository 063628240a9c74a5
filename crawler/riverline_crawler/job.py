"""What the parts of one crawl share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from riverline.crawl import addresses
from riverline.crawl.robots import product_token
from riverline.crawl.targets import start_urls
from riverline.model import Target
from riverline.pipeline.contracts import PageLog
from riverline.settings import Crawl
from riverline_crawler.reading import youtube
from riverline_crawler.reading.reader_pool import ReaderPool
from riverline_crawler.scheduling.crawl_state import NO_STATE, CrawlState
from riverline_crawler.scheduling.fetch_item import FetchItem
from riverline_crawler.scheduling.frontier import Frontier
from riverline_crawler.scheduling.frontier_policy import FrontierPolicy
from riverline_crawler.scheduling.host_leases import FREE, HostLeases
from riverline_crawler.stats import Report

PATIENCE = 60.0  # seconds that a crawl which ends waits for a host that is away; one that goes on has the time


@dataclass(frozen=True)
class CrawlJob:
    """Targets to crawl, where the pages go, and how far it has come."""

    targets: Sequence[Target]
    settings: Crawl
    log: PageLog
    report: Report
    frontier: Frontier
    headers: dict[str, str] = field(default_factory=dict)
    crawl_state: CrawlState = NO_STATE
    leases: HostLeases = FREE
    readers: ReaderPool = field(default_factory=ReaderPool)
    endless: bool = False  # whether targets come later: the crawl is not over when nothing waits

    @classmethod
    def of(
        cls,
        targets: Sequence[Target],
        settings: Crawl,
        log: PageLog,
        crawl_state: CrawlState = NO_STATE,
        leases: HostLeases = FREE,
        endless: bool = False,
    ) -> CrawlJob:
        """Raises Fatal where a contact is needed and missing."""
        addresses.require_contact(targets, settings)
        report = Report()
        refusal = cache(partial(addresses.refusal, crawl=settings))
        headers = {
            "User-Agent": addresses.user_agent(settings),
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.1",
        }
        rates = settings.rates
        policy = FrontierPolicy(
            hosts_of=cache(partial(addresses.visited_hosts, crawl=settings)),
            refusal=refusal,
            rate_of=lambda host: rates.get(host, math.inf),
            starts=lambda target: youtube.starts(target, settings) if target.kind == "youtube" else start_urls(target),
            price=lambda visit: youtube.units(visit.url, settings) if visit.target.kind == "youtube" else 0,
            most_alike=settings.most_alike,
            patience=math.inf if endless else PATIENCE,
            longest_delay=settings.longest_crawl_delay,
        )
        frontier = Frontier(report, policy, crawl_state, leases)
        return cls(targets, settings, log, report, frontier, headers, crawl_state, leases, endless=endless)

    @property
    def robots_agent(self) -> str:
        return product_token(self.settings.user_agent)

    def headers_for(self, visit: FetchItem) -> dict[str, str]:
        """Those of every request; those that say what an earlier answer was; to an API its key."""
        if visit.robots_of:
            return self.headers
        told = {"If-None-Match": visit.etag, "If-Modified-Since": visit.last_modified}
        if visit.target.kind == "youtube" and youtube.is_api(visit.url, self.settings):
            told = {"X-Goog-Api-Key": self.settings.youtube_key.get_secret_value()}
        return {**self.headers, **{name: value for name, value in told.items() if value}}

    def proxy_of(self, target: Target) -> str:
        return addresses.proxy_of(target, self.settings)
