"""When a page was published and last changed: what it declares, then what it shows, then its URL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from selectolax.lexbor import LexborHTMLParser

from riverline.model import Page

from .dates import in_url, iso, milliseconds
from .metadata import Metadata
from .site import Chosen

MODIFIED_TIMES = "[itemprop~=dateModified],time.updated,time.modified"
PUBLISHED_TIMES = (
    "[itemprop~=datePublished],time[pubdate],time.published,time.entry-date,abbr.published,time[datetime],time"
)
SHOWN = ".date,.entry-date,.post-date,.published,.pubdate,.byline,.timestamp,.article-date,.posted-on,[class*=date],[id*=date],[class*=time],[class*=meta]"
LOOKED_AT = 12  # elements of each kind
LATEST_MS = 86_400_000  # a page cannot be from more than a day after it was fetched, whatever its zone


@dataclass(frozen=True, slots=True)
class Dates:
    """ISO 8601, with an offset where the page gave one; "" where nothing was found."""

    published: str = ""
    modified: str = ""


def dates(tree: LexborHTMLParser, found: Metadata, page: Page, chosen: Chosen) -> Dates:
    """The dates of a page; candidates that lie after its fetch are passed over."""
    latest = page.fetched_at + LATEST_MS if page.fetched_at else 1 << 62
    modified = _best([chosen.modified, *found.modified], latest) or _best(_times(tree, MODIFIED_TIMES), latest)
    declared = _best([chosen.published, *found.published], latest)
    return Dates(
        declared
        or _best(_times(tree, PUBLISHED_TIMES), latest)
        or in_url(page.url)
        or _shown(tree, latest)
        or modified,
        modified,
    )


def _best(candidates: Iterable[str], latest: int) -> str:
    return next(
        (
            read
            for text in candidates
            if text and (read := iso(text)) and milliseconds(read, latest, timedelta()) is not None
        ),
        "",
    )


def _times(tree: LexborHTMLParser, selector: str) -> list[str]:
    elements = tree.css(selector)[:LOOKED_AT]
    return [
        element.attributes.get("datetime") or element.attributes.get("content") or element.text()
        for element in elements
    ]


def _shown(tree: LexborHTMLParser, latest: int) -> str:
    return _best((element.text(separator=" ")[:200] for element in tree.css(SHOWN)[:LOOKED_AT]), latest)
