"""The limits of a frontier. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from riverline.crawl.targets import in_paths, start_urls
from riverline.model import Target
from riverline_crawler.scheduling.fetch_item import FetchItem
from riverline_crawler.scheduling.pace import MAX_CRAWL_DELAY


def nothing_against(_host: str, _target: Target) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class FrontierPolicy:
    """The limits of a frontier. `hosts_of` gives the hosts of a target; `refusal` the reason why one of them may not be
    asked, or nothing; `rate_of` the most requests a second that a host takes, or infinity; `starts` where a target
    begins; `sitemaps_for` whether it wants the sitemaps that a robots.txt names; `price` what a request costs of a
    quota: such a request is an API's, made under its terms, and needs no robots.txt; `patience` for how many seconds a
    host that does not answer, or that others have found so, is waited for before its pages are given up."""

    hosts_of: Callable[[Target], frozenset[str]]
    refusal: Callable[[str, Target], str] = nothing_against
    rate_of: Callable[[str], float] = lambda _host: math.inf
    sitemaps_for: Callable[[Target], bool] = lambda target: target.kind in ("site", "sitemap")
    starts: Callable[[Target], tuple[str, ...]] = start_urls
    price: Callable[[FetchItem], int] = lambda _visit: 0
    most_alike: int = 2_000  # addresses of one shape on a host
    patience: float = math.inf
    longest_delay: float = MAX_CRAWL_DELAY  # seconds of a Crawl-delay that are kept

    def misplaced(self, visit: FetchItem) -> str:
        """Why an address is outside of its target; empty if it is inside."""
        if visit.host not in self.hosts_of(visit.target):
            return "other_host"
        if visit.depth > visit.target.depth:
            return "depth"
        return "" if not visit.depth or in_paths(visit.url, visit.target) else "other_path"
