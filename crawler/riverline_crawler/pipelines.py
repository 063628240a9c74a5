"""From the spider to Kafka. A page counts as fetched once the brokers have acknowledged it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riverline.errors import Invalid, RiverlineError
from riverline.model import Page
from riverline.parsing.url import host_of
from riverline.pipeline.contracts import topic_of
from riverline.pipeline.filters import GONE
from riverline_crawler.scheduling.crawl_state import CrawlState
from riverline_crawler.scheduling.fetch_item import FetchItem

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


@dataclass(slots=True)
class Several:
    """Pages of one visit: how many are not settled, and whether all that are have reached the brokers."""

    left: int
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page, the visit that it ends, and the digest that tells whether it has changed. Of several pages of one visit
    the last one ends it."""

    page: Page
    visit: FetchItem
    digest: str
    several: Several | None = None


class LogPipeline:
    """Appends each page to its site's topic and waits for the acknowledgement.

    While pages wait, Scrapy counts their bytes and stops asking for more at WAITING_BYTES: brokers that are away slow
    the crawl down and lose nothing.
    """

    def __init__(self, job: Any) -> None:
        self._job = job

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LogPipeline:
        return cls(crawler.spider.job)  # type: ignore[union-attr]

    async def process_item(self, item: Fetched) -> Fetched:
        page, crawl_state = item.page, self._job.crawl_state
        counts, topic = self._job.report.of(page.target), topic_of(host_of(page.key))
        error = await self._append(topic, page)
        if error is None:
            counts.acknowledged += 1
            self._job.report.topics.add(topic)
        else:
            counts.errors["kafka_refused" if isinstance(error, Invalid) else "kafka_unavailable"] += 1
        several = item.several or Several(1)
        several.left -= 1
        several.safe = several.safe and error is None
        if not several.left:
            self._end(item, crawl_state, several.safe)
        return item

    def _end(self, item: Fetched, crawl_state: CrawlState, safe: bool) -> None:
        if item.page.status in GONE:
            crawl_state.gone(item.visit) if safe else crawl_state.over(item.visit)
        elif item.several:
            crawl_state.passed(item.visit)
        elif safe:
            crawl_state.stored(item.visit, item.page, item.digest)
        else:
            crawl_state.over(item.visit)

    async def _append(self, topic: str, page: Page) -> Exception | None:
        loop = asyncio.get_running_loop()
        end: asyncio.Future[Exception | None] = loop.create_future()

        def settle(error: Exception | None) -> None:
            if not end.done():
                end.set_result(error)

        try:
            self._job.log.append(topic, page, lambda error: loop.call_soon_threadsafe(settle, error))
        except RiverlineError as error:
            return error
        return await end
