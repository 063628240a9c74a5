"""Which runs of a page's outline are its main text: the densest region, with the lead above it and without lists of links.

The idea is that of Readability and of "Boilerplate Detection using Shallow Text Features" (Kohlschütter et al., WSDM 2010):
prose is long and holds few links, and the main text is where most of it stands. The thresholds were set on one half of the
archive that bench/extraction.py reads, and judged on the other.
"""

from __future__ import annotations

import re

from .beside import beside
from .outline import TERMINAL, Outline, Run

DESCEND = 0.75  # share of an element's prose that a child needs for the search to go on in it
LINK_LIST = 0.5  # share of link text from which on an element without prose, or a run, is a list of links
LONG_ENOUGH = 25  # characters that a text outside of paragraphs needs beside the end of a sentence
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
BLOCKS = frozenset(("p", "li", "td", "th", "blockquote", "pre", "dd", "dt", "figcaption", "summary"))
PARTS = BLOCKS | HEADINGS | {"ul", "ol", "dl", "tr", "tbody", "thead", "table"}  # a region is what holds such
LEADS = frozenset(("p", "div", "h2", "h3", "h4", "section", "li", "header"))
SCOPES = frozenset(("article", "main", "body"))
NOISE = re.compile(
    r"\W*(?:drucken|e-?mail|facebook|flipboard|google\+?|instagram|linkedin|pdf|pinterest|pocket|print|qq|reddit|twitter|x"
    r"|wechat|weibo|whatsapp|xing|kakao\w*|tweet|share|teilen|like|kommentare?|comments?|tags?|advertisement|anzeige|werbung"
    r"|mehr zum thema|more on this.{0,8}|read more|zurück|weiter|공유|공유하기|인쇄|인쇄하기|스크랩|목록|광고|댓글|이전|다음)\W*(?:\d+\W*)?$",
    re.I,
)


def body(page: Outline) -> list[Run]:
    """The runs of the main text, in order; the headline (h1) is not one of them."""
    if not page.runs:
        return []
    away = beside(page)
    region = densest(page, away)
    return leads(page, region, away) + kept(page, region, away)


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
    return [run for run in page.runs if head < run.owner < region and run.prose and not away[run.owner] and tags[run.owner].tag in LEADS]


def _headline(page: Outline, region: int) -> int:
    """The number of the h1 above a region, within its article; the article itself where it has none, -1 without either."""
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
    inside = (run for run in page.runs if region <= run.owner < end and not away[run.owner] and not links[run.owner - region])
    chosen = [run for run in inside if page.elements[run.owner].tag != "h1" and (run.prose or _says_something(page, run))]
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
