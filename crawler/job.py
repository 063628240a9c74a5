"""What the parts of one crawl share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from crawler import addresses
from crawler.counts import Report
from crawler.frontier import Frontier
from crawler.robots import product_token
from crawler.targets import hosts_of
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

    @classmethod
    def of(cls, targets: Sequence[Target], settings: Crawl, log: PageLog) -> Job:
        """Raises Fatal where a contact is needed and missing."""
        addresses.require_contact(targets, settings)
        report = Report()
        refusal = cache(partial(addresses.refusal, crawl=settings))
        headers = {
            "User-Agent": addresses.user_agent(settings),
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.1",
        }
        return cls(targets, settings, log, report, Frontier(report, cache(hosts_of), refusal), headers)

    @property
    def robots_agent(self) -> str:
        return product_token(self.settings.user_agent)

    def proxy_of(self, target: Target) -> str:
        return addresses.proxy_of(target, self.settings)
