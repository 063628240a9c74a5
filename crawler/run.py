"""One crawl from its targets to its report, in this process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from twisted.internet.task import LoopingCall

from crawler.addresses import visited_hosts
from crawler.counts import Report
from crawler.job import Job
from crawler.resolver import PublicResolver
from crawler.settings import scrapy_settings
from crawler.spiders.site import SiteSpider
from crawler.turns import FREE, Turns
from riverline.model import Target
from riverline.settings import Crawl
from riverline.stores.contracts import PageLog

Progress = Callable[[Report], None]
EVERY = 0.5  # seconds between two calls of a progress callback


def crawl(
    targets: Sequence[Target],
    settings: Crawl,
    log: PageLog,
    progress: Progress | None = None,
    turns: Turns = FREE,
) -> Report:
    """Crawls the targets and returns when all that was fetched is acknowledged; `turns` are those at hosts.

    SIGINT and SIGTERM end it early: requests in flight are finished and their pages written. Once a process, since it
    starts Twisted's reactor. Raises Fatal where a contact is needed and missing, Transient when Kafka takes nothing.
    """
    job = Job.of(targets, settings, log, turns=turns)
    hosts = {host for target in targets for host in visited_hosts(target, settings)}
    PublicResolver.trust(hosts, map(job.proxy_of, targets))
    begun = time.monotonic()
    process = process_of(job)
    for crawler in process.crawlers:
        crawler.signals.connect(lambda reason: _ended(job.report, reason), signal=_closed(), weak=False)
    if progress:
        LoopingCall(_show, job, begun, progress).start(EVERY, now=False)
    process.start()
    job.frontier.drop_waiting("stopped")
    log.flush()
    return _shown(job, begun)


def process_of(job: Job) -> AsyncCrawlerProcess:
    """Scrapy with the job's spider, not started yet."""
    process = AsyncCrawlerProcess(scrapy_settings(job.settings))
    for name in ("scrapy", "twisted"):  # what they would say stands in the report
        logging.getLogger(name).setLevel(logging.CRITICAL)
    process.crawl(SiteSpider, job=job)
    return process


def _closed() -> Any:
    from scrapy import signals

    return signals.spider_closed


def _ended(report: Report, reason: str) -> None:
    report.reason = reason


def _shown(job: Job, begun: float) -> Report:
    job.report.seconds = time.monotonic() - begun
    job.report.waiting = job.frontier.waiting
    return job.report


def _show(job: Job, begun: float, progress: Progress) -> None:
    progress(_shown(job, begun))
