"""One crawl from its targets to its report, in this process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from twisted.internet.task import LoopingCall

from riverline.crawl.addresses import asked_hosts, opening
from riverline.model import Target
from riverline.pipeline.contracts import PageLog
from riverline.settings import Crawl
from riverline_crawler.job import CrawlJob
from riverline_crawler.resolver import PublicResolver, ask_briefly
from riverline_crawler.scheduling.host_leases import FREE, HostLeases
from riverline_crawler.settings import scrapy_settings
from riverline_crawler.spiders.site import SiteSpider
from riverline_crawler.stats import Report

Progress = Callable[[Report], None]
EVERY = 0.5  # seconds between two calls of a progress callback


def crawl(
    targets: Sequence[Target],
    settings: Crawl,
    log: PageLog,
    progress: Progress | None = None,
    leases: HostLeases = FREE,
) -> Report:
    """Crawls the targets and returns when all that was fetched is acknowledged; `leases` are those at hosts.

    SIGINT and SIGTERM end it early: requests in flight are finished and their pages written. Once a process, since it
    starts Twisted's reactor. The targets are the operator's own: private hosts that they name are visited. Raises Fatal
    where a contact is needed and missing, Transient when Kafka takes nothing.
    """
    settings = opening(targets, settings)
    job = CrawlJob.of(targets, settings, log, leases=leases)
    for target in targets:
        PublicResolver.trust(asked_hosts(target, settings), settings.proxy)
    begun = time.monotonic()
    process = process_of(job)
    for crawler in process.crawlers:
        crawler.signals.connect(lambda reason: _ended(job.report, reason), signal=_closed(), weak=False)
    if progress:
        LoopingCall(_show, job, begun, progress).start(EVERY, now=False)
    try:
        process.start()
    finally:
        job.readers.close()
    job.frontier.drop_waiting("stopped")
    log.flush()
    return _shown(job, begun)


def process_of(job: CrawlJob) -> AsyncCrawlerProcess:
    """Scrapy with the job's spider, not started yet."""
    ask_briefly()
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


def _shown(job: CrawlJob, begun: float) -> Report:
    job.report.seconds = time.monotonic() - begun
    job.report.waiting, job.report.waits = job.frontier.waiting, job.frontier.waits(time.monotonic())
    return job.report


def _show(job: CrawlJob, begun: float, progress: Progress) -> None:
    progress(_shown(job, begun))
