"""What the crawler needs from a page: its links, its own address, its keywords. Pure, and slow for some pages."""

from __future__ import annotations

from dataclasses import dataclass

from riverline.crawl.keywords import contained
from riverline.errors import Invalid
from riverline.model import Packed, Page
from riverline.parsing.limits import SECONDS, deadline
from riverline_crawler.reading.links import Outgoing, outgoing


@dataclass(frozen=True, slots=True)
class PageReading(Packed):
    """Where a page leads, as crawler/riverline_crawler/reading/links.py says; `words`: those of the keywords that it
    contains, where they were asked for; `problem`: why it could not be read to its end."""

    links: tuple[str, ...] = ()
    listing: bool = False
    own: str = ""
    moved: str = ""
    words: tuple[str, ...] = ()
    problem: str = ""


def reading_of(page: Page, keywords: bool, seconds: float = SECONDS) -> PageReading:
    """Reads a page, with its keywords if they are wanted, in so many seconds of processor time."""
    found, problem = Outgoing(), ""
    words: tuple[str, ...] = ()
    try:
        with deadline(seconds):
            found = outgoing(page)
            words = contained(page.keywords, page) if keywords else ()
    except Invalid as error:
        problem = error.reason
    except MemoryError:
        problem = "too_large"
    return PageReading(found.links, found.listing, found.own, found.moved, words, problem)
