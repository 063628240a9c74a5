"""The spider `site`: what becomes of each answer. The frontier decides where to go next, and how fast."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

from scrapy import Spider, signals
from scrapy.exceptions import DownloadCancelledError, StopDownload
from scrapy.http import Headers, Response
from twisted.python.failure import Failure

from riverline.crawl.robots import MAX_BYTES, UNREACHABLE, rules_of, unreachable
from riverline.crawl.targets import LISTS
from riverline.errors import Invalid
from riverline.model import Page, Target
from riverline.parsing.charset.media_type import is_read
from riverline.parsing.fingerprint import page_digest
from riverline.parsing.html.links import AT_ONCE, refresh_in
from riverline.parsing.html.robots_directives import of_headers
from riverline.parsing.url import joined
from riverline.pipeline.filters import GONE
from riverline_crawler.failures import may_try_again, of_error, of_status
from riverline_crawler.job import CrawlJob
from riverline_crawler.middlewares import TOO_LARGE
from riverline_crawler.pipelines import Fetched, Several
from riverline_crawler.reading import youtube
from riverline_crawler.reading.page_reading import PageReading
from riverline_crawler.reading.responses import FetchedResponse, address_text, page_of
from riverline_crawler.scheduling.fetch_item import FetchItem
from riverline_crawler.scheduling.pace import BUSY, Failed, retry_after
from riverline_crawler.stats import CrawlStats

PAGES = frozenset({200, 203})  # 203: a page that something on the way has changed
REDIRECTS = frozenset({301, 302, 303, 307, 308})
ADDED_AT_ONCE = 200  # addresses, some 20 ms of the crawler's time
LONGEST_FIRST_PAUSE = 10.0  # seconds before a robots.txt is asked for again by a crawl that ends
ENDS = {404: "not_found", 410: "gone", 401: "forbidden", 403: "forbidden", 451: "forbidden"}


class SiteSpider(Spider):
    """Follows links, redirects, feeds and sitemaps of its targets, and gives every readable page to the pipeline."""

    name = "site"

    def __init__(self, job: CrawlJob, **options: Any) -> None:
        super().__init__(**options)
        self.job, self.frontier = job, job.frontier

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **options: Any) -> SiteSpider:
        spider = super().from_crawler(crawler, *args, **options)
        crawler.signals.connect(spider.headers_came, signal=signals.headers_received)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        for target in self.job.targets:
            starts = self.frontier.starts(target)
            for url in starts:
                self.frontier.add(url, target, 0, time.monotonic())
            if not starts:
                self.job.report.of(target.name).refuse("needs_key", (*target.start_urls, *target.keywords)[0], True)
        return
        yield  # an asynchronous generator that gives nothing: the frontier holds the requests

    def headers_came(self, headers: Headers, body_length: int, request: Any, spider: Any) -> None:
        """Bodies of types that are not read are not fetched; the headers are kept in case the body is too large."""
        visit: FetchItem = request.cb_kwargs["visit"]
        if not visit.robots_of and not is_read(_text(headers, "content-type")):
            raise StopDownload(fail=False)
        request.meta["headers"] = headers

    async def answered(self, response: Response, visit: FetchItem) -> AsyncIterator[Fetched]:
        now, crawl_state = time.monotonic(), self.job.crawl_state
        self.frontier.done(visit, now, worked=response.status < 500 and response.status not in BUSY)
        if not crawl_state.is_open(visit):
            pass
        elif visit.robots_of:
            self._read_robots(response, visit, now)
        elif visit.target.kind == "youtube":
            for item in self._read_youtube(response, visit, now):
                yield item
        elif response.status in PAGES:
            too_large = TOO_LARGE in response.flags
            answer = _answer(visit, response.body, response.headers, too_large)
            for item in await self._read(answer, visit):
                yield item
        elif response.status in GONE and crawl_state.missing(visit):
            self._counts(visit).answers["gone_for_good"] += 1
            yield Fetched(_gone(visit, response.status), visit, "")
        else:
            self._note(response, visit, now)
        self._wake()

    async def failed(self, failure: Failure) -> AsyncIterator[Fetched]:
        """No answer, or one that was cut off for its size."""
        request: Any = failure.request  # type: ignore[attr-defined]
        visit: FetchItem = request.cb_kwargs["visit"]
        now = time.monotonic()
        self.frontier.done(visit, now)
        if not self.job.crawl_state.is_open(visit):
            pass
        elif isinstance(failure.value, DownloadCancelledError) and not visit.robots_of:
            answer = _answer(visit, b"", request.meta.get("headers", Headers()), too_large=True)
            for item in await self._read(answer, visit):
                yield item
        else:
            self._again(visit, now, of_error(failure.value))
        self._wake()

    async def _read(self, answer: FetchedResponse, visit: FetchItem) -> list[Fetched]:
        """The page of an answer, if its target wants it. What may be slow is done beside the crawler."""
        counts, target, crawl_state = self._counts(visit), visit.target, self.job.crawl_state
        page = page_of(answer, target, visit.depth, self.job.settings.max_page_bytes)
        if page is None:
            counts.ended("unread_type", visit.url, visit.is_start)
            crawl_state.over(visit)
            return []
        self.frontier.learn(visit, page.body)
        digest = page_digest(page.key, page.note.encode() + page.body)
        if crawl_state.is_unchanged(visit, digest):
            counts.answers["unchanged"] += 1
            crawl_state.unchanged(visit)
            return []
        reading = await self.job.readers.read(page, keywords=_is_judged(page, target))
        if not answer.robots.nofollow:
            await self._follow(reading, visit)
        if (moved := reading.moved or _sent_on(answer, visit)) and crawl_state.is_open(visit):
            self._redirected(moved, visit, time.monotonic())
            return []
        kept = self._kept(page, reading, visit)
        if not crawl_state.is_open(visit) or kept is None:
            crawl_state.over(visit)
            return []
        if page.note:
            counts.first.setdefault(page.note, visit.url)
        counts.fetched += 1
        counts.bytes += len(page.body)
        return [Fetched(kept, visit, digest)]

    def _read_youtube(self, response: Response, visit: FetchItem, now: float) -> Iterator[Fetched]:
        """An answer of YouTube's API, or a feed: what it leads to is asked for, each video is a page."""
        counts, crawl_state, crawl = self._counts(visit), self.job.crawl_state, self.job.settings
        if response.status != 200:
            return self._note_youtube(response, visit, now)
        try:
            step = youtube.read(visit.url, response.body, crawl)
        except Invalid as error:
            counts.answers[error.reason] += 1
            return crawl_state.over(visit)
        for url in step.requests:
            self.frontier.add(url, visit.target, 0, now, listed=True)
        if not step.videos:
            return crawl_state.passed(visit)
        several, at = Several(len(step.videos)), int(time.time() * 1000)
        for video in step.videos:
            page = youtube.page_of(video, visit.target, at)
            counts.fetched += 1
            counts.bytes += len(page.body)
            yield Fetched(page, visit, "", several=several)
        return None

    def _note_youtube(self, response: Response, visit: FetchItem, now: float) -> None:
        status = response.status
        if status in REDIRECTS or status in BUSY or status >= 500:
            self._note(response, visit, now)
        else:
            reason = youtube.problem(response.body) or ENDS.get(status, f"status_{status}")
            self._counts(visit).answers[reason] += 1
            self.job.crawl_state.passed(visit)

    async def _follow(self, reading: PageReading, visit: FetchItem) -> None:
        """Queues where a page leads. A list of many thousands lets others have their turn meanwhile."""
        if visit.target.kind in LISTS and not reading.listing:
            return
        for number, url in enumerate(reading.links):
            if number % ADDED_AT_ONCE == 0:
                await asyncio.sleep(0)
                if not self.job.crawl_state.is_open(visit):
                    return
            self.frontier.add(url, visit.target, visit.depth + 1, time.monotonic(), listed=reading.listing)
        if reading.own:  # the page itself, if it is true; so as far from the start as this one
            self.frontier.add(reading.own, visit.target, visit.depth, time.monotonic())

    def _kept(self, page: Page, reading: PageReading, visit: FetchItem) -> Page | None:
        """The page as its target wants it; None where it does not want it."""
        target, counts = visit.target, self._counts(visit)
        if target.kind == "search" and visit.depth == 0:
            counts.answers["search_page"] += 1
            return None
        if not _is_judged(page, target):
            return page
        if not reading.words:
            counts.answers[reading.problem or "no_keyword"] += 1
            return None
        return replace(page, keywords=reading.words)

    def _note(self, response: Response, visit: FetchItem, now: float) -> None:
        """An answer that holds no page."""
        status, counts, crawl_state = response.status, self._counts(visit), self.job.crawl_state
        if status in REDIRECTS:
            self._redirected(_location(response, visit), visit, now)
        elif status == 304:
            counts.answers["not_modified"] += 1
            crawl_state.unchanged(visit)
        elif status in BUSY or status >= 500:
            self._again(visit, now, _busy(response))
        else:
            counts.ended(ENDS.get(status, f"status_{status}"), visit.url, visit.is_start)
            if status not in GONE:
                crawl_state.over(visit)

    def _redirected(self, url: str, visit: FetchItem, now: float) -> None:
        """A page that is elsewhere, or known by another spelling of its address."""
        counts = self._counts(visit)
        why = self.frontier.respelled(visit, url, now)
        if not why:
            counts.answers["redirect"] += 1
        elif why == "other":
            counts.answers["redirect"] += 1
            self.frontier.add(url, visit.target, visit.depth, now, visit.redirects + 1)
            self.job.crawl_state.over(visit)
        else:
            counts.ended(why, visit.url, visit.is_start)
            self.job.crawl_state.over(visit)

    def _read_robots(self, response: Response, visit: FetchItem, now: float) -> None:
        if response.status in REDIRECTS and (url := _location(response, visit)):
            if not self.frontier.redirect_robots(visit, url, now):
                self.frontier.rules(visit, rules_of(404, b"", ""), now)
        elif response.status in BUSY or response.status >= 500:
            self._again(visit, now, _busy(response))
        else:
            rules = rules_of(response.status, response.body, self.job.robots_agent)
            self.job.leases.keep(visit.robots_of, response.status, response.body[: MAX_BYTES + 1])
            self.frontier.rules(visit, rules, now)

    def _again(self, visit: FetchItem, now: float, failure: Failed) -> None:
        """Tries again when its time has come; after the last try the address is given up."""
        pause = self.frontier.failed(visit, failure, now)
        again = may_try_again(visit, failure.reason) and pause < math.inf
        if visit.robots_of:
            if again and (self.job.endless or pause <= LONGEST_FIRST_PAUSE):
                self.frontier.again(visit, f"robots_{failure.reason}", now)
            else:
                self.frontier.rules(visit, UNREACHABLE if failure.answered else unreachable(failure.reason), now)
        elif again:
            self.frontier.again(visit, failure.reason, now, failure.retry_after)
        else:
            self._counts(visit).gave_up(failure.reason, visit.url, visit.is_start)
            self.job.crawl_state.over(visit)

    def _counts(self, visit: FetchItem) -> CrawlStats:
        return self.job.report.of(visit.target.name)

    def _wake(self) -> None:
        self.crawler.engine.scheduler.wake()  # type: ignore[union-attr]


def _is_judged(page: Page, target: Target) -> bool:
    """Whether a page is kept for its keywords alone."""
    return target.kind == "site" and bool(target.keywords) and not page.note


def _answer(visit: FetchItem, body: bytes, headers: Headers, too_large: bool) -> FetchedResponse:
    robots = of_headers(value.decode("latin-1") for value in headers.getlist("x-robots-tag"))
    at = int(time.time() * 1000)
    return FetchedResponse(visit.url, visit.key, body, lambda name: _text(headers, name), at, too_large, robots)


def _busy(response: Response) -> Failed:
    return of_status(response.status, retry_after(_text(response.headers, "retry-after"), time.time()))


def _gone(visit: FetchItem, status: int) -> Page:
    """The record that says that a page is no more."""
    at = int(time.time() * 1000)
    return Page(visit.url, visit.key, b"", status, fetched_at=at, target=visit.target.name, depth=visit.depth)


def _text(headers: Headers, name: str) -> str:
    """The last header of a name; of types all of them, which count as one list."""
    values = headers.getlist(name)
    return (b", ".join(values) if name == "content-type" else (values or [b""])[-1]).decode("latin-1")


def _location(response: Response, visit: FetchItem) -> str:
    try:
        return joined(visit.url, address_text(response.headers.get("location") or b""))
    except Invalid:
        return ""


def _sent_on(answer: FetchedResponse, visit: FetchItem) -> str:
    """Where a `Refresh` header sends the reader at once."""
    found = refresh_in(address_text(answer.header("refresh").encode("latin-1")), visit.url)
    return found.url if found and found.seconds <= AT_ONCE else ""
