"""Crawls for tests. Each runs in a process of its own, since Twisted's reactor starts once a process."""

import json
import multiprocessing
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from riverline.model import Page, Target
from riverline.settings import Crawl
from riverline.testing.memory import MemoryLog
from riverline_crawler.run import crawl
from riverline_crawler.stats import Report


@dataclass(frozen=True)
class Crawled:
    """What a crawl brought: its report, and its pages by topic."""

    report: Report
    pages: dict[str, list[Page]]

    @property
    def keys(self) -> set[str]:
        return {page.key for pages in self.pages.values() for page in pages}

    def page(self, url: str) -> Page:
        return next(page for pages in self.pages.values() for page in pages if page.url == url)


def crawled(targets: Sequence[Target], settings: Crawl | None = None) -> Crawled:
    """Crawls into a log in memory."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_crawled, targets, settings or Crawl()).result(timeout=120)


def _crawled(targets: Sequence[Target], settings: Crawl) -> Crawled:
    log = MemoryLog()
    report = crawl(targets, settings, log)
    pages = {topic: [record.page for record in log.read(topic, 0, 0, 1 << 30)] for topic in log.topics()}
    return Crawled(report, pages)


@dataclass(frozen=True)
class Request:
    """A line of the demo web's log."""

    host: str
    path: str
    status: int
    at: float  # seconds

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.path}"


def requests_of(log: Path) -> dict[str, list[Request]]:
    """The requests of each host, in order."""
    found: dict[str, list[Request]] = defaultdict(list)
    for line in map(json.loads, log.read_text().splitlines()):
        found[line["host"]].append(Request(line["host"], line["path"], line["status"], line["time"]))
    return found
