"""The spider `site`: what becomes of each answer. Where it goes next is the frontier's affair, politeness too."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Spider, signals
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, StopDownload
from scrapy.http import Headers, Response
from twisted.python.failure import Failure

from crawler.answers import Answer, is_read, page_of
from crawler.counts import Counts
from crawler.frontier import Visit
from crawler.job import Job
from crawler.links import links_of
from crawler.middlewares import TOO_LARGE
from crawler.politeness import BUSY, retry_after
from crawler.robots import UNREACHABLE, rules_of
from riverline.errors import Invalid
from riverline.model import Page
from riverline.text.url import joined

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_TRIES = 5  # of one address, the first included
MAX_TRIES_SLOW = 2  # of one that took too long: each try holds the host for REQUEST_SECONDS
MAX_TRIES_ROBOTS = 3
ENDS = {404: "not_found", 410: "gone", 304: "not_modified", 401: "forbidden", 403: "forbidden", 451: "forbidden"}


class SiteSpider(Spider):
    """Follows links, redirects, feeds and sitemaps of its targets, and gives every readable page to the pipeline."""

    name = "site"

    def __init__(self, job: Job, **options: Any) -> None:
        super().__init__(**options)
        self.job, self.frontier = job, job.frontier

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **options: Any) -> SiteSpider:
        spider = super().from_crawler(crawler, *args, **options)
        crawler.signals.connect(spider.headers_came, signal=signals.headers_received)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        for target in self.job.targets:
            for url in target.start_urls:
                self.frontier.add(url, target, 0, time.monotonic())
        return
        yield  # an asynchronous generator that gives nothing: the frontier holds the requests

    def headers_came(self, headers: Headers, body_length: int, request: Any, spider: Any) -> None:
        """Bodies of types that are not read are not fetched; the headers are kept in case the body is too large."""
        visit: Visit = request.cb_kwargs["visit"]
        if not visit.robots_of and not is_read(_text(headers, "content-type")):
            raise StopDownload(fail=False)
        request.meta["headers"] = headers

    def answered(self, response: Response, visit: Visit) -> Iterator[Page]:
        now = time.monotonic()
        self.frontier.done(visit, now)
        if response.status < 500 and response.status not in BUSY:
            self.frontier.worked(visit)
        if visit.robots_of:
            self._read_robots(response, visit, now)
        elif response.status == 200:
            too_large = TOO_LARGE in response.flags
            yield from self._read(_answer(visit, response.body, response.headers, too_large), visit, now)
        else:
            self._note(response, visit, now)
        self._wake()

    def failed(self, failure: Failure) -> Iterator[Page]:
        """No answer, or one that was cut off for its size."""
        request: Any = failure.request  # type: ignore[attr-defined]
        visit: Visit = request.cb_kwargs["visit"]
        now = time.monotonic()
        self.frontier.done(visit, now)
        if isinstance(failure.value, DownloadCancelledError) and not visit.robots_of:
            yield from self._read(
                _answer(visit, b"", request.meta.get("headers", Headers()), too_large=True), visit, now
            )
        else:
            self._again(visit, now, _reason(failure))
        self._wake()

    def _read(self, answer: Answer, visit: Visit, now: float) -> Iterator[Page]:
        counts = self._counts(visit)
        page = page_of(answer, visit.target, visit.depth, self.job.settings.max_page_bytes)
        if page is None:
            counts.answers["unread_type"] += 1
            return
        for url in links_of(page):
            self.frontier.add(url, visit.target, visit.depth + 1, now)
        counts.fetched += 1
        counts.bytes += len(page.body)
        yield page

    def _note(self, response: Response, visit: Visit, now: float) -> None:
        """An answer that holds no page."""
        status, counts = response.status, self._counts(visit)
        if status in REDIRECTS:
            counts.answers["redirect"] += 1
            if url := _location(response, visit):
                self.frontier.add(url, visit.target, visit.depth, now, visit.redirects + 1)
        elif status in BUSY or status >= 500:
            self._again(
                visit, now, f"status_{status}", retry_after(_text(response.headers, "retry-after"), time.time())
            )
        else:
            counts.answers[ENDS.get(status, f"status_{status}")] += 1

    def _read_robots(self, response: Response, visit: Visit, now: float) -> None:
        if response.status in REDIRECTS and (url := _location(response, visit)):
            if not self.frontier.redirect_robots(visit, url, now):
                self.frontier.rules(visit, rules_of(404, b"", ""), now)
        elif response.status in BUSY or response.status >= 500:
            pause = retry_after(_text(response.headers, "retry-after"), time.time())
            self._again(visit, now, f"robots_{response.status}", pause)
        else:
            rules = rules_of(response.status, response.body, self.job.robots_agent)
            self.frontier.rules(visit, rules, now)
            for url in rules.sitemaps:
                self.frontier.add(url, visit.target, 0, now)

    def _again(self, visit: Visit, now: float, reason: str, pause: float | None = None) -> None:
        """Leaves the host alone for a while, then tries again; after the last try the address is given up."""
        self.frontier.failed(visit, now, pause)
        tries = MAX_TRIES_ROBOTS if visit.robots_of else MAX_TRIES_SLOW if reason == "timeout" else MAX_TRIES
        if visit.tries + 1 < tries:
            self.frontier.again(visit, reason)
        elif visit.robots_of:
            self.frontier.rules(visit, UNREACHABLE, now)
        else:
            self._counts(visit).errors[reason] += 1

    def _counts(self, visit: Visit) -> Counts:
        return self.job.report.of(visit.target.name)

    def _wake(self) -> None:
        self.crawler.engine.scheduler.wake()  # type: ignore[union-attr]


def _answer(visit: Visit, body: bytes, headers: Headers, too_large: bool) -> Answer:
    return Answer(visit.url, visit.key, body, lambda name: _text(headers, name), int(time.time() * 1000), too_large)


def _text(headers: Headers, name: str) -> str:
    return (headers.get(name) or b"").decode("latin-1")


def _location(response: Response, visit: Visit) -> str:
    try:
        return joined(visit.url, _text(response.headers, "location"))
    except Invalid:
        return ""


def _reason(failure: Failure) -> str:
    """`timeout`, `private_address`, or the error's name without its ending."""
    if isinstance(failure.value, DownloadTimeoutError):
        return "timeout"
    if "private_address" in str(failure.value):
        return "private_address"
    return type(failure.value).__name__.removeprefix("Download").removesuffix("Error").lower() or "error"
