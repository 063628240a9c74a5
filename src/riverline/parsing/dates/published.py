"""When a page was published and last changed: what it declares, its URL, what it shows, and a wide search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from functools import partial

from selectolax.lexbor import LexborHTMLParser, LexborNode

from riverline.parsing.dates.formats import NO_LIMIT, DateReading, in_path, in_url, iso, may_be_date, milliseconds
from riverline.parsing.dates.unrelated import (
    IMPRINT,
    LISTS,
    NAMES_NEXT,
    OFFERED,
    drop_beside,
    is_beside,
    is_of_others,
    is_offer,
)
from riverline.parsing.html.block_outline import Outline, Run
from riverline.parsing.html.lxml_tree import LaxPage
from riverline.parsing.html.metadata import Metadata
from riverline.parsing.html.named import Named
from riverline.parsing.language.regions import region_of_host
from riverline.parsing.site_parsers import Chosen

DATED = (
    "time,abbr.published,span.published,[itemprop~=datePublished],[itemprop~=dateModified],"
    "[property='dc:date'],[property='schema:datePublished']"
)
PUBLISHED = frozenset(("published", "entry-date"))  # classes of `time`
MODIFIED = frozenset(("updated", "modified"))
LOOKED_AT = 12  # elements
BEFORE, AFTER, INTO, BELOW = 10, 14, 2, 4  # runs of text around the headline in which a date is looked for
BEGINNING = 24  # characters of a longer text in which a date line may stand
LONGEST_NAME = 40  # characters of what names the date behind it
LABEL = 160  # characters of a text that may be a page's date line; longer ones tell a story
CHANGED = re.compile(
    r"^\W*(?:수정|updated?|last (?:updated|modified)|aktualisiert|letzte änderung|mis à jour|modifié|actualizado)", re.I
)
POSTED_WORDS = (
    r"(?:posted|published|publication|released|veröffentlicht|erschienen|erstellt|publié|paru|publicado|pubblicato|"
    r"geplaatst|gepubliceerd|opublikowano|опубликован|입력|등록|작성|게시|발행|승인|公開|投稿|掲載|发布|發布|发表)"
)
POSTED, POSTED_LATER = re.compile(rf"^\W*{POSTED_WORDS}", re.I), re.compile(rf"(?<!\w){POSTED_WORDS}", re.I)
# How a story begins that speaks of a day: `On 11 September ...`.
TOLD = re.compile(r"\W*(?:on|by|in|since|until|after|before|am|vom|seit|le|depuis|el|il|dal)\s", re.I)
IN_SCRIPT = re.compile(
    r"""["'](?:date_?published|published_?(?:at|date|time|on)?|publish_?(?:date|time|ed_?at)|publication_?date|first_?published|pub_?date"""
    r"""|created_?(?:at|date)|date_?created)["']\s*:\s*["']([^"'<>{}]{8,40})["']""",
    re.I,
)


FURTHEST = 14  # hours that a place's clock is away from UTC


@dataclass(frozen=True, slots=True)
class Dates:
    """ISO 8601, with an offset where the page gave one; "" where nothing was found."""

    published: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where dates may stand: the page's text, its declarations, its outline."""

    url: str
    lax: LaxPage
    declared: Metadata
    page: Outline
    main: list[Run]  # the runs of the main text
    shown: Times
    latest: int  # milliseconds after which a date is none of this page's


@dataclass(frozen=True, slots=True)
class Times:
    """What the `time` elements and their like hold: of publication, of change, of whatever it may be."""

    published: list[str]
    modified: list[str]
    others: list[str]
    offered: frozenset[str] = frozenset()  # the texts of ends of offers


def times(tree: LexborHTMLParser, named: Named) -> Times:
    """What elements say of the page itself, not of other stories, of readers or of offers beside it."""
    elements = tree.css(f"{DATED},{OFFERED}")
    found = Times([], [], [], frozenset(element.text().strip() for element in elements if is_offer(element)))
    headline = next(iter(named.of("h1")), None)
    for element in elements:
        kinds = [listed for listed in _kinds(element, found) if len(listed) < LOOKED_AT]
        if kinds and not is_beside(element, headline):
            for listed in kinds:
                listed.append(_written(element))
    return found


def _kinds(element: LexborNode, found: Times) -> list[list[str]]:
    """What an element speaks of, by its names."""
    attributes = element.attributes
    classes = (attributes.get("class") or "").split()
    named = (attributes.get("itemprop") or "").split()
    is_time = element.tag == "time"
    kinds = []
    if (
        "datePublished" in named
        or (attributes.get("property") or "") in ("dc:date", "schema:datePublished")
        or (is_time and ("pubdate" in attributes or not PUBLISHED.isdisjoint(classes)))
        or (element.tag in ("abbr", "span") and "published" in classes)
    ):
        kinds.append(found.published)
    if "dateModified" in named or (is_time and not MODIFIED.isdisjoint(classes)):
        kinds.append(found.modified)
    if is_time and "datetime" in attributes:
        kinds.append(found.others)
    return kinds


def _written(element: LexborNode) -> str:
    attributes = element.attributes
    named = ("datetime", "content", "title") if element.tag == "abbr" else ("datetime", "content")
    return next((value for name in named if (value := attributes.get(name))), None) or element.text()


def dates(sources: Sources, chosen: Chosen) -> Dates:
    """The dates of a page; candidates that lie after its fetch are passed over."""
    shown = sources.shown
    best = partial(_best, latest=sources.latest, reading=_reading(sources))
    modified = best([chosen.modified, *sources.declared.modified, *shown.modified])
    declared = best([chosen.published, *sources.declared.published]) or best(shown.published)
    address = best([in_path(sources.url)])
    lines = [] if declared and address else list(_near_headline(sources))
    published = (
        (declared and _on_the_day_shown(declared, address or best(lines)))
        or best(line for line in lines if POSTED.match(line))
        or address
        or best(lines)
        or best([in_url(sources.url)])
        or best(shown.others)
        or best(match[1] for match in IN_SCRIPT.finditer(sources.lax.html))
        or _searched(sources)
    )
    return Dates(published or modified, modified)


def _reading(sources: Sources) -> DateReading:
    """How the page writes dates. A host's country says more of its region than a template's `en-US`."""
    declared = sources.declared
    return DateReading.of(declared.language, region_of_host(sources.url) or declared.region)


def _on_the_day_shown(declared: str, shown: str) -> str:
    """A moment given in UTC, with the smallest offset that makes it the day that the page shows or its address names.

    Systems declare UTC and show their own day. The moment stays what it is; other dates are returned as they are.
    """
    if not declared.endswith("+00:00") or not shown or declared[:10] == shown[:10]:
        return declared
    moment = datetime.fromisoformat(declared)
    for hours in range(1, FURTHEST + 1):
        for offset in (hours, -hours):
            local = moment.astimezone(timezone(timedelta(hours=offset)))
            if local.date().isoformat() == shown[:10]:
                return local.isoformat()
    return declared


def _best(candidates: Iterable[str], latest: int, reading: DateReading) -> str:
    """The first that is a date; where a later one names the same moment with its own offset from UTC, that one."""
    found = ""
    for text in candidates:
        read = iso(text, reading) if text else ""
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
    for number in (
        *range(head, min(len(runs), max(head + AFTER, first + INTO))),
        *reversed(range(max(0, head - BEFORE), head)),
        *range(last, min(len(runs), last + BELOW)),
    ):
        if not may_be_date(runs[number].text[:LABEL]):
            continue
        if runs[number].text in sources.shown.offered or _is_listed(sources.page, runs[number], head):
            continue
        before = runs[number - 1].text if number else ""
        if not NAMES_NEXT.search(before[-LONGEST_NAME:]) and (text := _label(runs[number])):
            yield text


def _is_listed(page: Outline, run: Run, head: int) -> bool:
    """Whether a run stands in what is named as a list of other pages, and the headline does not."""
    around = set(page.ancestors(page.runs[head].owner))
    return any(LISTS.search(page.elements[number].name) for number in page.ancestors(run.owner) if number not in around)


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
    if run.prose and TOLD.match(text):
        return ""
    if CHANGED.match(text):
        posted = POSTED_LATER.search(text)
        text = text[posted.start() :] if posted else ""
    if IMPRINT.search(text) or (is_of_others(text) and not POSTED.match(text)):
        return ""
    return text


def _searched(sources: Sources) -> str:
    """The date that htmldate finds anywhere in the page."""
    tree = sources.lax.tree()
    if tree is None:
        return ""
    drop_beside(tree)
    from htmldate import find_date

    # The end of a day, not a moment: the library remembers what it read by all that it was given, so that with a limit
    # of its own every page would fill that memory with what is never asked for again.
    until = datetime.combine(datetime.fromtimestamp(min(sources.latest, NO_LIMIT) / 1000, UTC), time.max, UTC)
    try:
        return find_date(tree, original_date=True, extensive_search=False, url=sources.url, max_date=until) or ""
    except (ValueError, TypeError, AttributeError, OverflowError):  # it trips over odd trees and impossible dates
        return ""
