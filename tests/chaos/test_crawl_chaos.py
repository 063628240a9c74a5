"""Crawlers of `riverline crawl run` and the servers around them are killed in mid crawl: nothing is missing, nothing is
fetched more than once beyond what was in flight, which is what the brokers did not have yet. The judges are the log of
the web that is crawled, and Kafka.

In `make test` all of it happens in one crawl, and the lease of the dead crawler ends at once: what it held is taken
over while servers are still away. `make chaos` does each by itself as well, in longer ones, and waits for the lease.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from riverline.errors import Transient
from riverline.settings import Settings
from tests.support.crawl_run import CrawlRun, crawling
from tests.support.faults import program
from tests.support.linked_web import LinkedWeb
from tests.support.stack import awaited

pytestmark = [pytest.mark.chaos, pytest.mark.integration]

FULL = os.environ.get("CHAOS") == "full"
SITES = 4
PAGES = 240 if FULL else 60  # a site
RATE = 8.0  # requests a second and host: each site takes some seconds
MID_CRAWL = PAGES // 4  # pages of all sites together that the brokers have before it happens
PATIENCE = 300.0  # seconds: a lease that nobody renews ends after 60

Fault = Callable[[CrawlRun], None]


def crawler(crawl: CrawlRun) -> None:
    crawl.crawlers[0].kill()


def servers(*names: str) -> Fault:
    def fault(crawl: CrawlRun) -> None:
        for name in names:
            program(crawl.stack, name).kill()

    return fault


def everything(crawl: CrawlRun) -> None:
    for fault in (crawler, BROKER, REDIS, MARIADB):
        fault(crawl)
        time.sleep(1.0)  # one after another: each while the last one is still away


BROKER, MARIADB = servers("kafka-2"), servers("mysql-primary")
REDIS = servers(*(f"redis-{number}" for number in range(1, 7)))
ONE_BY_ONE = {
    "kill -9 a crawler": crawler,
    "kill -9 a broker": BROKER,
    "kill -9 all of Redis": REDIS,
    "kill -9 MariaDB": MARIADB,
}
ALL = {"kill -9 a crawler, a broker, Redis and MariaDB": everything}


@pytest.mark.parametrize("name", [*ONE_BY_ONE, *ALL] if FULL else ALL)
def test_a_crawl_goes_through_with_nothing_missing_and_nothing_fetched_again(
    name: str, stack: Settings, tmp_path: Path
) -> None:
    fault = (ONE_BY_ONE | ALL)[name]
    killed = fault in (crawler, everything)
    hosts = [f"{time.time_ns():x}-{site}.crawl.example" for site in range(SITES)]
    web = LinkedWeb(hosts, PAGES)
    with crawling(stack, web, tmp_path) as crawl:
        crawl.keep(RATE)
        for _ in range(2):
            crawl.start(RIVERLINE_CRAWL__ROUNDS=str(SITES // 2))
        safe = awaited(lambda: found if len(found := held(crawl)) >= MID_CRAWL else None, 120)
        fault(crawl)
        if killed and not FULL:  # that a lease ends by itself is waited for in test_crawl_run.py
            awaited(lambda: crawl.expire(crawl.crawlers[0]), PATIENCE)
        awaited(lambda: has_all(crawl) and is_over(crawl), PATIENCE)
        records = [page.key for page in crawl.records()]
        again = {url for url, count in crawl.brought().items() if count > 1}
    assert set(records) == web.urls
    assert max(Counter(records).values()) <= 2
    if killed:
        assert len(again & safe) <= SITES // 2, (
            again
        )  # of each of its sites the page whose acknowledgement was on its way
    else:
        assert not again


def held(crawl: CrawlRun) -> set[str]:
    """The pages that the brokers have."""
    return {page.key for page in crawl.records()}


def has_all(crawl: CrawlRun) -> bool:
    return crawl.web.urls <= set(crawl.brought())


def is_over(crawl: CrawlRun) -> bool:
    try:
        return crawl.is_over()
    except Transient:
        return False
