"""What a crawl remembers of its addresses: nothing, or (crawler/rounds.py) enough to go on after a crash and to ask
only for what has changed."""

from __future__ import annotations

from crawler.visits import Visit
from riverline.model import Page


class Books:
    """Remembers nothing. Every visit that was added ends by exactly one of `stored`, `unchanged`, `gone`, `passed` and
    `over`, or by a `missing` that is false."""

    def is_open(self, visit: Visit) -> bool:
        """Whether anyone still wants to know how it ends."""
        return True

    def added(self, visit: Visit) -> None:
        """A new address."""

    def is_unchanged(self, visit: Visit, digest: str) -> bool:
        """Whether the page is as it was the last time."""
        return False

    def stored(self, visit: Visit, page: Page, digest: str, own: str = "") -> None:
        """Its page is safe. `own`: the address that it gives for itself."""

    def unchanged(self, visit: Visit) -> None:
        """It is as it was."""

    def missing(self, visit: Visit) -> bool:
        """It is not there. True when that is so for the second time in a row and the page was there before: then a
        record must say so, and the visit ends with `gone`."""
        return False

    def gone_keys(self, visit: Visit) -> list[str]:
        """What a page that is gone was known by: its key, and its own address where no other page stands under it."""
        return [visit.key]

    def gone(self, visit: Visit) -> None:
        """The records that say so are safe."""

    def passed(self, visit: Visit) -> None:
        """It led to others and is not to be asked for by itself again."""

    def over(self, visit: Visit) -> None:
        """It ended otherwise: no page, refused, given up."""


NO_BOOKS = Books()
