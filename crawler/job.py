"""What the parts of one crawl share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from crawler import addresses, youtube
from crawler.books import NO_BOOKS, Books
from crawler.counts import Report
from crawler.frontier import Frontier, Ways
from crawler.robots import product_token
from crawler.turns import FREE, Turns
from crawler.visits import Visit
from riverline.crawling.targets import start_urls
from riverline.model import Target
from riverline.settings import Crawl
from riverline.stores.contracts import PageLog


@dataclass(frozen=True)
class Job:
    """Targets to crawl, where the pages go, and how far it has come."""

    targets: Sequence[Target]
    settings: Crawl
    log: PageLog
    report: Report
    frontier: Frontier
    headers: dict[str, str] = field(default_factory=dict)
    books: Books = NO_BOOKS
    turns: Turns = FREE
    endless: bool = False  # whether targets come later: the crawl is not over when nothing waits

    @classmethod
    def of(
        cls,
        targets: Sequence[Target],
        settings: Crawl,
        log: PageLog,
        books: Books = NO_BOOKS,
        turns: Turns = FREE,
        endless: bool = False,
    ) -> Job:
        """Raises Fatal where a contact is needed and missing."""
        addresses.require_contact(targets, settings)
        report = Report()
        refusal = cache(partial(addresses.refusal, crawl=settings))
        headers = {
            "User-Agent": addresses.user_agent(settings),
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.1",
        }
        rates = settings.rates
        ways = Ways(
            hosts_of=cache(partial(addresses.visited_hosts, crawl=settings)),
            refusal=refusal,
            rate_of=lambda host: rates.get(host, math.inf),
            starts=lambda target: youtube.starts(target, settings) if target.kind == "youtube" else start_urls(target),
            price=lambda visit: youtube.units(visit.url, settings) if visit.target.kind == "youtube" else 0,
            most_alike=settings.most_alike,
        )
        frontier = Frontier(report, ways, books, turns)
        return cls(targets, settings, log, report, frontier, headers, books, turns, endless)

    @property
    def robots_agent(self) -> str:
        return product_token(self.settings.user_agent)

    def headers_for(self, visit: Visit) -> dict[str, str]:
        """Those of every request; those that say what an earlier answer was; to an API its key."""
        if visit.robots_of:
            return self.headers
        told = {"If-None-Match": visit.etag, "If-Modified-Since": visit.last_modified}
        if visit.target.kind == "youtube" and youtube.is_api(visit.url, self.settings):
            told = {"X-Goog-Api-Key": self.settings.youtube_key.get_secret_value()}
        return {**self.headers, **{name: value for name, value in told.items() if value}}

    def proxy_of(self, target: Target) -> str:
        return addresses.proxy_of(target, self.settings)
