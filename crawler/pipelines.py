"""From the spider to Kafka. A page counts as fetched for good when the brokers have acknowledged it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.visits import Visit
from riverline.content.admission import GONE
from riverline.errors import Invalid, RiverlineError
from riverline.model import Page
from riverline.stores.contracts import topic_of
from riverline.text.url import host_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page, the visit that it ends, and the digest that tells whether it has changed. Of several pages of one visit
    the last one ends it: `left` counts those that are not settled."""

    page: Page
    visit: Visit
    digest: str
    left: list[int] | None = None


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
        page, books = item.page, self._job.books
        counts, topic = self._job.report.of(page.target), topic_of(host_of(page.key))
        error = await self._append(topic, page)
        if error is None:
            counts.acknowledged += 1
            self._job.report.topics.add(topic)
            if item.left is None:
                books.gone(item.visit) if page.status in GONE else books.stored(item.visit, page, item.digest)
        else:
            counts.errors["kafka_refused" if isinstance(error, Invalid) else "kafka_unavailable"] += 1
            if item.left is None:
                books.over(item.visit)
        if item.left is not None:
            item.left[0] -= 1
            if not item.left[0]:
                books.passed(item.visit)
        return item

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
