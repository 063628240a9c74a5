"""From the spider to Kafka. A page counts as fetched for good when the brokers have acknowledged it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from riverline.errors import Invalid, RiverlineError
from riverline.model import Page
from riverline.stores.contracts import topic_of
from riverline.text.url import host_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


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

    async def process_item(self, item: Page) -> Page:
        counts, topic = self._job.report.of(item.target), topic_of(host_of(item.key))
        error = await self._append(topic, item)
        if error is None:
            counts.acknowledged += 1
            self._job.report.topics.add(topic)
        else:
            counts.errors["kafka_refused" if isinstance(error, Invalid) else "kafka_unavailable"] += 1
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
