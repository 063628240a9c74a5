"""Scrapy's settings for Riverline: what the frontier does itself is switched off."""

from __future__ import annotations

from typing import Any

from riverline.settings import Crawl

REQUEST_SECONDS = 30.0  # for one request with its body: a server that sends a byte a second does not hold us longer
ROBOTS_SECONDS = 10.0  # for a robots.txt: all that a host has waits for it
NAME_SECONDS = 8.0  # for the address of a name
RESOLVERS = 32  # threads that ask for addresses: a name that nobody answers for holds one
CONCURRENCY = 100  # requests in flight over all hosts; with the size limit this bounds memory
ITEMS = 4  # of one answer that wait for Kafka side by side: Scrapy makes so many tasks for each answer
WAITING_BYTES = 24 << 20  # bodies that wait for Kafka before no new request is made


def scrapy_settings(crawl: Crawl) -> dict[str, Any]:
    """For a crawl under the given limits."""
    return {
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "SCHEDULER": "riverline_crawler.scheduling.scheduler.FrontierScheduler",
        "ITEM_PIPELINES": {"riverline_crawler.pipelines.LogPipeline": 100},
        "DOWNLOADER_MIDDLEWARES_BASE": {"riverline_crawler.middlewares.InflateMiddleware": 100},
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "DNS_RESOLVER": "riverline_crawler.resolver.PublicResolver",
        "DNS_TIMEOUT": NAME_SECONDS,
        "REACTOR_THREADPOOL_MAXSIZE": RESOLVERS,
        "CONCURRENT_REQUESTS": CONCURRENCY,
        "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY,  # the frontier keeps to each host's own number
        "CONCURRENT_ITEMS": ITEMS,
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_MAXSIZE": crawl.max_page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": WAITING_BYTES,
        "COMPRESSION_ENABLED": True,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "STATS_DUMP": False,
    }
