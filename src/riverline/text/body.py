"""Which runs of a page's outline are its main text: the densest region and the lead above it, without lists of links.

The idea is that of Readability and of "Boilerplate Detection using Shallow Text Features" (Kohlschütter et al., WSDM
2010): prose is long and holds few links, and the main text is where most of it stands. The thresholds were set on one
half of the archive that bench/extraction.py reads, and judged on the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .beside import beside
from .outline import TERMINAL, Outline, Run

DESCEND = 0.75  # share of an element's prose that a child needs for the search to go on in it
LINK_LIST = 0.5  # share of link text from which on an element without prose, or a run, is a list of links
LONG_ENOUGH = 25  # characters that a text outside of paragraphs needs beside the end of a sentence
FEWEST_ENTRIES = 2
LONGEST_TEASER = 300  # characters of the longest text on a page that is a list
TEASER = 200  # characters of text that a list has for each of its entries, at most
HARDLY_ANY = 100  # characters
ENTRY = 8  # characters of an entry's title, at least; Korean titles are short
ENTRY_LINKED = 0.8  # share of link text from which on a run is an entry
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
BLOCKS = frozenset(("p", "li", "td", "th", "blockquote", "pre", "dd", "dt", "figcaption", "summary"))
PARTS = BLOCKS | HEADINGS | {"ul", "ol", "dl", "tr", "tbody", "thead", "table"}  # a region is what holds such
LEADS = frozenset(("p", "div", "h2", "h3", "h4", "section", "li", "header"))
SCOPES = frozenset(("article", "main", "body"))
NOISE = re.compile(
    r"\W*(?:drucken|e-?mail|facebook|flipboard|google\+?|instagram|linkedin|pdf|pinterest|pocket|print|qq|reddit|twitter|x"
    r"|wechat|weibo|whatsapp|xing|kakao\w{0,9}|tweet|share|teilen|like|kommentare?|comments?|tags?|advertisement|anzeige"
    r"|werbung|mehr zum thema|more on this.{0,8}|read more|zurück|weiter|공유|공유하기|인쇄|인쇄하기|스크랩"
    r"|목록|광고|댓글|이전|다음)\W*(?:\d+\W*)?$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Body:
    """The runs of the main text, in order; the headline (h1) is not one of them. `entries` counts the titles of other
    pages that stand where the main text would: many of them, with little text to each, make a page a list."""

    runs: list[Run]
    entries: int = 0

    def lists(self, text: str) -> bool:
        """Whether a page with this main text lists others rather than saying something itself."""
        longest = max(map(len, text.split("\n")))
        return self.entries >= FEWEST_ENTRIES and longest < LONGEST_TEASER and len(text) < TEASER * self.entries


def body(page: Outline) -> Body:
    """The main text of a page."""
    if not page.runs:
        return Body([])
    away = beside(page)
    region = densest(page, away)
    runs = leads(page, region, away) + kept(page, region, away)
    return Body(runs, _entries(page, away, runs))


def _entries(page: Outline, away: list[bool], main: list[Run]) -> int:
    """Titles of other pages among the main text; those below it are what an article recommends, and those above are the
    site's sections. Where there is hardly any text, all of the page's."""
    runs = page.runs
    if main and sum(len(run.text) for run in main) >= HARDLY_ANY:
        places = [number for number, run in enumerate(runs) if run is main[0] or run is main[-1]]
        runs = runs[max(0, places[0] - 1) : places[-1] + 2]
    return sum(
        run.linked >= ENTRY_LINKED * len(run.text) and len(run.text) >= ENTRY and not away[run.owner] for run in runs
    )


def densest(page: Outline, away: list[bool]) -> int:
    """The number of the innermost element that holds most of the prose."""
    prose = _prose(page, away)
    largest = _largest_children(page, prose)
    at = 0
    while (child := largest.get(at)) and prose[child] >= DESCEND * prose[at]:
        at = child
    while at and page.elements[at].tag in PARTS:
        at = page.elements[at].parent
    return at


def _prose(page: Outline, away: list[bool]) -> list[int]:
    """Characters of prose in each element, without what stands beside."""
    prose = [0] * len(page.elements)
    for run in page.runs:
        if run.prose and not away[run.owner]:
            prose[run.owner] += len(run.text)
    for number in range(len(prose) - 1, 0, -1):
        prose[page.elements[number].parent] += prose[number]
    return prose


def _largest_children(page: Outline, prose: list[int]) -> dict[int, int]:
    """For each element with prose below it the child that holds most."""
    largest: dict[int, int] = {}
    for number in range(1, len(prose)):
        parent = page.elements[number].parent
        if prose[number] and (parent not in largest or prose[number] > prose[largest[parent]]):
            largest[parent] = number
    return largest


def leads(page: Outline, region: int, away: list[bool]) -> list[Run]:
    """Prose between the headline and the region: leads are often kept apart from the text."""
    head = _headline(page, region)
    if head < 0:
        return []
    tags = page.elements
    return [
        run
        for run in page.runs
        if head < run.owner < region and run.prose and not away[run.owner] and tags[run.owner].tag in LEADS
    ]


def _headline(page: Outline, region: int) -> int:
    """The number of the h1 above a region, within its article; the article itself where it has none; else -1."""
    headline = next((number for number in range(region - 1, -1, -1) if page.elements[number].tag == "h1"), -1)
    scope = 0
    for scope in page.ancestors(region)[1:]:
        if page.elements[scope].tag in SCOPES or scope <= headline:  # what begins before the h1 and ends after it
            break
    if scope <= headline:
        return headline
    return -1 if page.elements[scope].tag == "body" else scope


def kept(page: Outline, region: int, away: list[bool]) -> list[Run]:
    """The runs of a region without lists of links, labels, and headings that head nothing."""
    end = page.elements[region].end
    links = _link_lists(page, region, end)
    inside = (
        run for run in page.runs if region <= run.owner < end and not away[run.owner] and not links[run.owner - region]
    )
    chosen = [
        run for run in inside if page.elements[run.owner].tag != "h1" and (run.prose or _says_something(page, run))
    ]
    while chosen and not chosen[-1].prose and page.elements[chosen[-1].owner].tag in HEADINGS:
        chosen.pop()
    return chosen


def _link_lists(page: Outline, region: int, end: int) -> list[bool]:
    """For each element from `region` to `end` whether it, or one around it, holds little but links."""
    found = [False] * (end - region)
    for number in range(region + 1, end):
        element = page.elements[number]
        links = not element.prose and element.linked > LINK_LIST * element.text
        found[number - region] = found[element.parent - region] or links
    return found


def _says_something(page: Outline, run: Run) -> bool:
    """Whether a run that is no prose belongs to a text: a short paragraph, an item, a heading, a sentence."""
    if run.linked > LINK_LIST * len(run.text) or NOISE.match(run.text):
        return False
    tag = page.elements[run.owner].tag
    return tag in HEADINGS or tag in BLOCKS or (len(run.text) > LONG_ENOUGH and TERMINAL.search(run.text) is not None)
