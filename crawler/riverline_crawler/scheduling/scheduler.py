"""Scrapy's scheduler, over the frontier: a request is made when its host may be asked, and not before."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

from riverline_crawler.scheduling.fetch_item import FetchItem
from riverline_crawler.settings import REQUEST_SECONDS, ROBOTS_SECONDS

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class FrontierScheduler(BaseScheduler):
    """Hands out what the frontier holds; when nothing is ready it wakes the engine at the moment something will be."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._job: Any = crawler.spider.job  # type: ignore[union-attr]
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FrontierScheduler:
        return cls(crawler)

    def has_pending_requests(self) -> bool:
        return self._job.endless or bool(self._job.frontier.waiting)

    def enqueue_request(self, request: Request) -> bool:
        """Nothing comes this way: the spider gives addresses to the frontier."""
        return False

    def next_request(self) -> Request | None:
        now = time.monotonic()
        visit = self._job.frontier.next(now)
        if visit is None:
            self._wake_later(now)
            return None
        return self._request(visit)

    def close(self, reason: str) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _request(self, visit: FetchItem) -> Request:
        spider: Any = self._crawler.spider
        seconds = ROBOTS_SECONDS if visit.robots_of else REQUEST_SECONDS
        meta: dict[str, Any] = {"download_slot": visit.host, "download_timeout": seconds}
        if proxy := self._job.proxy_of(visit.target):
            meta["proxy"] = proxy
        return Request(
            visit.url,
            callback=spider.answered,
            errback=spider.failed,
            headers=self._job.headers_for(visit),
            meta=meta,
            cb_kwargs={"visit": visit},
            dont_filter=True,
        )

    def _wake_later(self, now: float) -> None:
        pause = self._job.frontier.wakeup(now)
        if pause is None:
            return
        at = now + pause
        if self._timer is None or self._timer_at <= now or at < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = at
            self._timer = asyncio.get_running_loop().call_later(pause + 0.0005, self.wake)

    def wake(self) -> None:
        """Lets the engine ask again. It has no public way to be told so, but its own heartbeat of 5 s."""
        slot = getattr(self._crawler.engine, "_slot", None)
        if slot is not None:
            slot.nextcall.schedule()
