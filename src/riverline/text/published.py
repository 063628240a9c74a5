"""When a page was published and last changed: what it declares, its URL, what it shows, and a wide search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time

from selectolax.lexbor import LexborHTMLParser

from .dates import in_url, iso, milliseconds
from .lax import lax_tree
from .metadata import Metadata
from .outline import Outline, Run
from .site import Chosen

PUBLISHED_TIMES = (
    "[itemprop~=datePublished],time[pubdate],time.published,time.entry-date,abbr.published,[property='dc:date'],"
    "[property='schema:datePublished']"
)
ANY_TIMES = "time[datetime]"
MODIFIED_TIMES = "[itemprop~=dateModified],time.updated,time.modified"
LOOKED_AT = 12  # elements
BEFORE, AFTER, INTO, BELOW = 10, 14, 2, 4  # runs of text around the headline in which a date is looked for
BEGINNING = 24  # characters of a longer text in which a date line may stand
LABEL = 160  # characters of a text that may be a page's date line; longer ones tell a story
CHANGED = re.compile(
    r"^\W*(?:수정|updated?|last (?:updated|modified)|aktualisiert|letzte änderung|mis à jour|modifié|actualizado)", re.I
)
IN_SCRIPT = re.compile(
    r"""["'](?:date_?published|published_?(?:at|date|time|on)?|publish_?(?:date|time|ed_?at)|publication_?date|first_?published|pub_?date"""
    r"""|created_?(?:at|date)|date_?created)["']\s*:\s*["']([^"'<>{}]{8,40})["']""",
    re.I,
)
LATEST_MS = 86_400_000  # a page cannot be from more than a day after it was fetched, whatever its zone
NO_LIMIT = 1 << 41  # milliseconds: the year 2039


@dataclass(frozen=True, slots=True)
class Dates:
    """ISO 8601, with an offset where the page gave one; "" where nothing was found."""

    published: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where dates may stand: the page's text, its declarations, its outline."""

    url: str
    html: str
    declared: Metadata
    page: Outline
    main: list[Run]  # the runs of the main text
    latest: int  # milliseconds after which a date is none of this page's


@dataclass(frozen=True, slots=True)
class Times:
    """What the `time` elements and their like hold: of publication, of change, of whatever it may be."""

    published: list[str]
    modified: list[str]
    others: list[str]


def times(tree: LexborHTMLParser) -> Times:
    return Times(_times(tree, PUBLISHED_TIMES), _times(tree, MODIFIED_TIMES), _times(tree, ANY_TIMES))


def _times(tree: LexborHTMLParser, selector: str) -> list[str]:
    elements = tree.css(selector)[:LOOKED_AT]
    return [
        element.attributes.get("datetime") or element.attributes.get("content") or element.text()
        for element in elements
    ]


def dates(sources: Sources, shown: Times, chosen: Chosen) -> Dates:
    """The dates of a page; candidates that lie after its fetch are passed over."""
    latest = sources.latest
    modified = _best([chosen.modified, *sources.declared.modified, *shown.modified], latest)
    published = (
        _best([chosen.published, *sources.declared.published], latest)
        or _best(shown.published, latest)
        or in_url(sources.url)
        or _best(_near_headline(sources), latest)
        or _best(shown.others, latest)
        or _best((match[1] for match in IN_SCRIPT.finditer(sources.html)), latest)
        or _searched(sources)
    )
    return Dates(published or modified, modified)


def _best(candidates: Iterable[str], latest: int) -> str:
    """The first that is a date; where a later one names the same moment with its own offset from UTC, that one."""
    found = ""
    for text in candidates:
        read = iso(text) if text else ""
        if not read or (at := milliseconds(read, latest)) is None:
            continue
        if not found:
            if not read.endswith("+00:00"):
                return read
            found, moment = read, at
        elif len(read) > 19 and not read.endswith("+00:00") and at // 60_000 == moment // 60_000:
            return read
    return found


def _near_headline(sources: Sources) -> Iterator[str]:
    """Short texts around the headline: from it down into the main text, then above it, then below the main text."""
    runs, main = sources.page.runs, sources.main
    if not runs:
        return
    first = next((number for number, run in enumerate(runs) if main and run is main[0]), 0)
    last = next((number for number in range(len(runs) - 1, -1, -1) if main and runs[number] is main[-1]), first)
    head = _headline(sources, first)
    yield from (text for run in runs[head : max(head + AFTER, first + INTO)] if (text := _label(run)))
    yield from (text for run in reversed(runs[max(0, head - BEFORE) : head]) if (text := _label(run)))
    yield from (text for run in runs[last : last + BELOW] if (text := _label(run)))


def _headline(sources: Sources, first: int) -> int:
    """The number of the heading above the run `first`: the last h1, or what repeats the title; else `first` itself."""
    elements, title = sources.page.elements, sources.declared.title
    for number in range(first, -1, -1):
        run = sources.page.runs[number]
        if elements[run.owner].tag == "h1" or run.text == title:
            return number
    return first


def _label(run: Run) -> str:
    """A text that may be a date line: a short one, or how a long one begins; not one that speaks of a change."""
    text = run.text if len(run.text) <= LABEL else run.text[:BEGINNING]
    return "" if CHANGED.match(text) else text


def _searched(sources: Sources) -> str:
    """The date that htmldate finds anywhere in the page."""
    tree = lax_tree(sources.html)
    if tree is None:
        return ""
    from htmldate import find_date

    # The end of a day, not a moment: the library remembers what it read by all that it was given, so that with a limit
    # of its own every page would fill that memory with what is never asked for again.
    until = datetime.combine(datetime.fromtimestamp(min(sources.latest, NO_LIMIT) / 1000, UTC), time.max, UTC)
    try:
        return find_date(tree, original_date=True, extensive_search=False, url=sources.url, max_date=until) or ""
    except (ValueError, TypeError, AttributeError, OverflowError):  # it trips over odd trees and impossible dates
        return ""
