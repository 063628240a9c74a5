"""The spider `site`: what becomes of each answer. Where it goes next is the frontier's affair, politeness too."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

from scrapy import Spider, signals
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, StopDownload
from scrapy.http import Headers, Response
from twisted.python.failure import Failure

from crawler import youtube
from crawler.answers import Answer, is_read, page_of
from crawler.counts import Counts
from crawler.job import Job
from crawler.links import is_listing, links_of, own_address_of
from crawler.middlewares import TOO_LARGE
from crawler.pipelines import Fetched, Several
from crawler.politeness import BUSY, retry_after
from crawler.robots import MAX_BYTES, UNREACHABLE, rules_of
from crawler.visits import Visit
from riverline.content.admission import GONE
from riverline.crawling.keywords import contained
from riverline.crawling.targets import LISTS
from riverline.errors import Invalid
from riverline.model import Page
from riverline.text.fingerprint import page_digest
from riverline.text.url import joined

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_TRIES = 5  # of one address, the first included
MAX_TRIES_SLOW = 2  # of one that took too long: each try holds the host for REQUEST_SECONDS
MAX_TRIES_ROBOTS = 3
ENDS = {404: "not_found", 410: "gone", 401: "forbidden", 403: "forbidden", 451: "forbidden"}


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
            for url in self.frontier.starts(target):
                self.frontier.add(url, target, 0, time.monotonic())
        return
        yield  # an asynchronous generator that gives nothing: the frontier holds the requests

    def headers_came(self, headers: Headers, body_length: int, request: Any, spider: Any) -> None:
        """Bodies of types that are not read are not fetched; the headers are kept in case the body is too large."""
        visit: Visit = request.cb_kwargs["visit"]
        if not visit.robots_of and not is_read(_text(headers, "content-type")):
            raise StopDownload(fail=False)
        request.meta["headers"] = headers

    def answered(self, response: Response, visit: Visit) -> Iterator[Fetched]:
        now, books = time.monotonic(), self.job.books
        self.frontier.done(visit, now, worked=response.status < 500 and response.status not in BUSY)
        if not books.is_open(visit):
            pass
        elif visit.robots_of:
            self._read_robots(response, visit, now)
        elif visit.target.kind == "youtube":
            yield from self._read_youtube(response, visit, now)
        elif response.status == 200:
            too_large = TOO_LARGE in response.flags
            yield from self._read(_answer(visit, response.body, response.headers, too_large), visit, now)
        elif response.status in GONE and books.missing(visit):
            self._counts(visit).answers["gone_for_good"] += 1
            keys = books.gone_keys(visit)
            several = Several(len(keys))
            yield from (Fetched(_gone(key, visit, response.status), visit, "", several=several) for key in keys)
        else:
            self._note(response, visit, now)
        self._wake()

    def failed(self, failure: Failure) -> Iterator[Fetched]:
        """No answer, or one that was cut off for its size."""
        request: Any = failure.request  # type: ignore[attr-defined]
        visit: Visit = request.cb_kwargs["visit"]
        now = time.monotonic()
        self.frontier.done(visit, now)
        if not self.job.books.is_open(visit):
            pass
        elif isinstance(failure.value, DownloadCancelledError) and not visit.robots_of:
            yield from self._read(
                _answer(visit, b"", request.meta.get("headers", Headers()), too_large=True), visit, now
            )
        else:
            self._again(visit, now, _reason(failure))
        self._wake()

    def _read(self, answer: Answer, visit: Visit, now: float) -> Iterator[Fetched]:
        counts, target, books = self._counts(visit), visit.target, self.job.books
        page = page_of(answer, target, visit.depth, self.job.settings.max_page_bytes)
        if page is None:
            counts.answers["unread_type"] += 1
            counts.first.setdefault("unread_type", visit.url)
            return books.over(visit)
        digest = page_digest(page.key, page.body or page.note.encode())
        if books.is_unchanged(visit, digest):
            counts.answers["unchanged"] += 1
            return books.unchanged(visit)
        self._follow(page, visit, now)
        kept = self._kept(page, visit)
        if kept is None:
            return books.over(visit)
        if page.note:
            counts.first.setdefault(page.note, visit.url)
        counts.fetched += 1
        counts.bytes += len(page.body)
        yield Fetched(kept, visit, digest, own_address_of(page))
        return None

    def _read_youtube(self, response: Response, visit: Visit, now: float) -> Iterator[Fetched]:
        """An answer of YouTube's API, or a feed: what it leads to is asked for, each video is a page."""
        counts, books, crawl = self._counts(visit), self.job.books, self.job.settings
        if response.status != 200:
            return self._note_youtube(response, visit, now)
        try:
            step = youtube.read(visit.url, response.body, crawl)
        except Invalid as error:
            counts.answers[error.reason] += 1
            return books.over(visit)
        for url in step.requests:
            self.frontier.add(url, visit.target, 0, now, listed=True)
        if not step.videos:
            return books.passed(visit)
        several, at = Several(len(step.videos)), int(time.time() * 1000)
        for video in step.videos:
            page = youtube.page_of(video, visit.target, at)
            counts.fetched += 1
            counts.bytes += len(page.body)
            yield Fetched(page, visit, "", several=several)
        return None

    def _note_youtube(self, response: Response, visit: Visit, now: float) -> None:
        status = response.status
        if status in REDIRECTS or status in BUSY or status >= 500:
            self._note(response, visit, now)
        else:
            reason = youtube.problem(response.body) or ENDS.get(status, f"status_{status}")
            self._counts(visit).answers[reason] += 1
            self.job.books.passed(visit)

    def _follow(self, page: Page, visit: Visit, now: float) -> None:
        listing = is_listing(page)
        if visit.target.kind in LISTS and not listing:
            return
        for url in links_of(page):
            self.frontier.add(url, visit.target, visit.depth + 1, now, listed=listing)

    def _kept(self, page: Page, visit: Visit) -> Page | None:
        """The page as its target wants it; None where it does not want it."""
        target, answers = visit.target, self._counts(visit).answers
        if target.kind == "search" and visit.depth == 0:
            answers["search_page"] += 1
            return None
        if target.kind != "site" or not target.keywords or page.note:
            return page
        words = contained(target.keywords, page)
        if not words:
            answers["no_keyword"] += 1
            return None
        return replace(page, keywords=words)

    def _note(self, response: Response, visit: Visit, now: float) -> None:
        """An answer that holds no page."""
        status, counts, books = response.status, self._counts(visit), self.job.books
        if status in REDIRECTS:
            counts.answers["redirect"] += 1
            if url := _location(response, visit):
                self.frontier.add(url, visit.target, visit.depth, now, visit.redirects + 1)
            books.over(visit)
        elif status == 304:
            counts.answers["not_modified"] += 1
            books.unchanged(visit)
        elif status in BUSY or status >= 500:
            self._again(
                visit, now, f"status_{status}", retry_after(_text(response.headers, "retry-after"), time.time())
            )
        else:
            counts.answers[ENDS.get(status, f"status_{status}")] += 1
            if status not in GONE:
                books.over(visit)

    def _read_robots(self, response: Response, visit: Visit, now: float) -> None:
        if response.status in REDIRECTS and (url := _location(response, visit)):
            if not self.frontier.redirect_robots(visit, url, now):
                self.frontier.rules(visit, rules_of(404, b"", ""), now)
        elif response.status in BUSY or response.status >= 500:
            pause = retry_after(_text(response.headers, "retry-after"), time.time())
            self._again(visit, now, f"robots_{response.status}", pause)
        else:
            rules = rules_of(response.status, response.body, self.job.robots_agent)
            self.job.turns.keep(visit.robots_of, response.status, response.body[: MAX_BYTES + 1])
            self.frontier.rules(visit, rules, now)

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
            self._counts(visit).first.setdefault(reason, visit.url)
            self.job.books.over(visit)

    def _counts(self, visit: Visit) -> Counts:
        return self.job.report.of(visit.target.name)

    def _wake(self) -> None:
        self.crawler.engine.scheduler.wake()  # type: ignore[union-attr]


def _answer(visit: Visit, body: bytes, headers: Headers, too_large: bool) -> Answer:
    return Answer(visit.url, visit.key, body, lambda name: _text(headers, name), int(time.time() * 1000), too_large)


def _gone(key: str, visit: Visit, status: int) -> Page:
    """The record that says that a page is no more."""
    at, url = int(time.time() * 1000), visit.url if key == visit.key else key
    return Page(url, key, b"", status, fetched_at=at, target=visit.target.name, depth=visit.depth)


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
