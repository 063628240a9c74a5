"""What a crawl remembers of its addresses: nothing, or enough to go on after a crash and to ask only for what has
changed (`crawl_rounds.py`)."""

from __future__ import annotations

from riverline.model import Page
from riverline_crawler.scheduling.fetch_item import FetchItem


class CrawlState:
    """Remembers nothing. Every visit that was added ends by exactly one of `stored`, `unchanged`, `gone`, `passed` and
    `over`, or by a `missing` that is false."""

    def holds(self, now: float) -> bool:
        """Whether what waits may be asked for at all: another crawler may have taken it over."""
        return True

    def is_open(self, visit: FetchItem) -> bool:
        """Whether anyone still wants to know how it ends."""
        return True

    def added(self, visit: FetchItem) -> None:
        """A new address."""

    def is_unchanged(self, visit: FetchItem, digest: str) -> bool:
        """Whether the page is as it was the last time."""
        return False

    def stored(self, visit: FetchItem, page: Page, digest: str) -> None:
        """Its page is safe."""

    def unchanged(self, visit: FetchItem) -> None:
        """It is as it was."""

    def missing(self, visit: FetchItem) -> bool:
        """It is not there. True when that is so for the second time in a row and the page was there before: then a
        record must say so, and the visit ends with `gone`."""
        return False

    def gone(self, visit: FetchItem) -> None:
        """The record that says so is safe."""

    def passed(self, visit: FetchItem) -> None:
        """It led to others and is not to be asked for by itself again."""

    def over(self, visit: FetchItem) -> None:
        """It ended otherwise: no page, refused, given up."""


NO_STATE = CrawlState()
