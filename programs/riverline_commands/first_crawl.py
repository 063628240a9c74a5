"""The first crawl of `riverline stack up`: crawl, wait until every page has its fate, search."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import httpx

from riverline.errors import Fatal, RiverlineError, Transient
from riverline.retry import retried
from riverline.services import Services, assemble
from riverline.settings import ROOT, Demo, Settings
from riverline_commands.console import ConsoleProgress
from riverline_commands.crawl_report import ALL_FINE, SOME_FAILED

DEMO_TARGETS = ROOT / "demo" / "targets.json"
QUERIES = {"ko": "떡볶이", "en": "moon"}  # of the demo web; other webs are asked for a word of a title of their own
PATIENCE = 300.0  # seconds without a further page processed

Offsets = Mapping[tuple[str, int], int]


@dataclass(frozen=True)
class FirstSearch:
    """A search and its first results."""

    query: str
    total: int
    pages: list[tuple[str, str]]  # title, URL

    def rows(self) -> list[tuple[object, str, str]]:
        return [(number, title, url) for number, (title, url) in enumerate(self.pages, 1)] or [
            ("", "nothing found", "")
        ]


class FirstCrawl:
    """A crawl of the targets, by default the demo web, and what is found of it then."""

    def __init__(self, settings: Settings, progress: ConsoleProgress, targets: Path | None) -> None:
        self._settings, self._progress, self._targets = settings, progress, targets
        self._before: Offsets = {}

    @cached_property
    def _services(self) -> Services:
        """Not before the servers are there, and their passwords."""
        return assemble(self._settings)

    def crawl(self) -> None:
        """Until all pages are in Kafka: neither the topology nor the API is needed. Raises Fatal when it fails."""
        self._before = _ends(self._services)
        _crawl(self._settings, self._progress, self._targets or demo_targets(self._settings))

    def found(self) -> list[FirstSearch]:
        """Searches in each language, once every page has its fate. Raises Fatal when the topology stands still."""
        wait_for_fates(self._services, self._progress, self._before)
        settings, own = self._settings, self._targets is not None
        return [search(settings, _word(settings, each) if own else QUERIES[each]) for each in ("ko", "en")]


def first_crawl(settings: Settings, progress: ConsoleProgress, targets: Path | None) -> list[FirstSearch]:
    """Crawls, and then searches, on a stack that is up. Raises Fatal when it fails."""
    first = FirstCrawl(settings, progress, targets)
    first.crawl()
    return first.found()


def demo_targets(settings: Settings) -> Path:
    """The demo web's targets, with the address that it has in this stack."""
    text = DEMO_TARGETS.read_text().replace(f"http://{Demo().address}", f"http://{settings.demo.address}")
    file = settings.home / "run" / "demo-targets.json"
    file.write_text(text)
    return file


def _crawl(settings: Settings, progress: ConsoleProgress, targets: Path) -> None:
    progress.say(f"crawling the targets of {targets}")
    command = [sys.executable, "-m", "riverline_commands.main", "crawl", "--targets", str(targets)]
    environment = {**os.environ, **settings.environment()}
    with progress.quiet():
        run = subprocess.run(command, env=environment, stdout=sys.stderr)
    if run.returncode not in (ALL_FINE, SOME_FAILED):  # the crawl has said itself which targets failed
        raise Fatal("the crawl failed")


def _ends(services: Services) -> dict[tuple[str, int], int]:
    return {place: end for place, (_, end) in services.log.ends(services.log.topics()).items()}


def wait_for_fates(services: Services, progress: ConsoleProgress, before: Offsets) -> None:
    """Waits until every record since `before` has its fate, and searches see it. Raises Fatal when nothing moves."""
    after = services.log.ends(services.log.topics())
    ranges = {place: (max(first, before.get(place, 0)), end) for place, (first, end) in after.items()}
    ranges = {place: (first, end) for place, (first, end) in ranges.items() if end > first}
    wanted, done, moved = sum(end - first for first, end in ranges.values()), -1, time.monotonic()
    while done < wanted:
        now = done
        with suppress(Transient):  # an index that is just being made answers no search: there is one of fates a day
            services.index.refresh()
            now = sum(services.index.fated(ranges).values())
        if now > done:
            done, moved = now, time.monotonic()
        progress.waiting("the topology", "")
        if time.monotonic() - moved > PATIENCE:
            raise Fatal(
                f"{done} of {wanted} pages are processed, none for {PATIENCE:.0f} s; see `riverline stack status`"
            )
        time.sleep(0.5)
    progress.waiting("the topology", None)
    progress.say(f"{wanted} pages are processed; each has its fate")


def search(settings: Settings, words: str, limit: int = 3, **filters: str) -> FirstSearch:
    """A search as anyone makes it, through the site: again for a minute while it does not answer, since the first one
    on a busy machine finds servers that have just started. Raises Transient."""
    return retried(lambda: _search(settings, words, limit, filters), pause=0.5, longest_pause=5, seconds=60)


def _search(settings: Settings, words: str, limit: int, filters: Mapping[str, str]) -> FirstSearch:
    try:
        answer = httpx.get(
            f"http://{settings.api.site}/api/v1/search",
            params={"q": words, "limit": limit, **filters},
            timeout=30,
            trust_env=False,
        )
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, json.JSONDecodeError) as error:
        raise Transient(f"the search did not answer: {error}") from error
    return FirstSearch(words, found["total"], [(item["title"], item["url"]) for item in found["items"]])


def _word(settings: Settings, language: str) -> str:
    """A long word of the title of a page in that language."""
    try:
        newest = search(settings, "", limit=20, locale=language)
    except RiverlineError:
        return QUERIES[language]
    words = [word for title, _ in newest.pages for word in title.split() if word.isalpha() and len(word) < 20]
    return max(words, key=len, default=QUERIES[language])
