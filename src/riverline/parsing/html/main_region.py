"""Which runs of a page's outline are its main text: the densest region and the lead above it, without lists of links.

The idea is that of Readability and of "Boilerplate Detection using Shallow Text Features" (Kohlschütter et al., WSDM
2010): prose is long and holds few links, and the main text is where most of it stands. The thresholds were set on one
half of the archive that bench/extraction.py reads, and judged on the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from riverline.parsing.html.block_outline import LINKED, PROSE_SENTENCE, TERMINAL, Outline, Run
from riverline.parsing.html.boilerplate import beside, headline
from riverline.parsing.notes import is_note

DESCEND = 0.75  # share of an element's prose that a child needs for the search to go on in it
LINK_LIST = 0.5  # share of link text from which on an element without prose, or a run, is a list of links
LONG_ENOUGH = 25  # characters that a text outside of paragraphs needs beside the end of a sentence
FEWEST_ENTRIES = 2
LONGEST_TEASER = 300  # characters of the longest text on a page that is a list
TEASER = 200  # characters of text that a list has for each of its entries, at most
HARDLY_ANY = 100  # characters
SHORT = 200  # characters of main text below which a second reader is asked
ENTRY = 8  # characters of an entry's title, at least; Korean titles are short
ENTRY_LINKED = 0.8  # share of link text from which on a run is an entry
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
BLOCKS = frozenset(("p", "li", "td", "th", "blockquote", "pre", "dd", "dt", "figcaption", "summary"))
PARTS = BLOCKS | HEADINGS | {"ul", "ol", "dl", "tr", "tbody", "thead", "table"}  # a region is what holds such
LONGEST_LEAD = 700  # characters between a headline and an article that begins below it
LEADS = frozenset(("p", "div", "h2", "h3", "h4", "section", "li", "header"))
SENTENCES = frozenset(("p", "blockquote", "dd"))  # what holds sentences that may be links from end to end
FULL_STOP = re.compile(r"[.。](?:[\"'”’»)\]]|\s)*$")
SCOPES = frozenset(("article", "main", "body"))


@dataclass(frozen=True, slots=True)
class Body:
    """The runs of the main text, in order; the headline (h1) is not one of them. `entries` counts the titles of other
    pages that stand where the main text would: many of them, with little text to each, make a page a list."""

    runs: list[Run]
    entries: int = 0
    apart: frozenset[str] = frozenset()  # the prose that is no part of the text, beside one that is very short

    def lists(self, text: str) -> bool:
        """Whether a page with this main text lists others rather than saying something itself."""
        longest = max(map(len, text.split("\n")))
        return self.entries >= FEWEST_ENTRIES and longest < LONGEST_TEASER and len(text) < TEASER * self.entries


def body(page: Outline) -> Body:
    """The main text of a page."""
    if not page.runs:
        return Body([])
    found = beside(page)
    away = found.away
    region = densest(page, away)
    found.look(region, page.elements[region].end)
    runs = leads(page, region, away) + kept(page, region, away)
    length = sum(len(run.text) for run in runs)
    if length < HARDLY_ANY:
        found.look(0, len(page.elements))
    apart = [run.text for run in page.prose if found.is_apart(run.owner)] if 0 < length < SHORT else []
    return Body(runs, _entries(page, away, runs), frozenset(apart))


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
    for run in page.prose:
        if not away[run.owner]:
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
    head = _above(page, region, away)
    if head < 0:
        return []
    tags = page.elements
    return [
        run for run in page.prose if head < run.owner < region and not away[run.owner] and tags[run.owner].tag in LEADS
    ]


def _above(page: Outline, region: int, away: list[bool]) -> int:
    """The number of the element below which a lead may stand: the h1 above a region, within its article or, with no
    more than a lead between, before it; the article itself where it has none; else -1."""
    heading = next((number for number in range(region - 1, -1, -1) if page.elements[number].tag == "h1"), -1)
    scope = 0
    for scope in page.ancestors(region)[1:]:
        if page.elements[scope].tag in SCOPES or scope <= heading:  # what begins before the h1 and ends after it
            break
    if scope <= heading:
        return heading
    if heading >= 0 and heading == headline(page):
        between = sum(len(run.text) for run in page.runs if heading < run.owner < scope and not away[run.owner])
        if between <= LONGEST_LEAD:
            return heading
    return -1 if page.elements[scope].tag == "body" else scope


def kept(page: Outline, region: int, away: list[bool]) -> list[Run]:
    """The runs of a region without lists of links, labels, headings that head nothing, and what was said before."""
    end = page.elements[region].end
    links = _link_lists(page, region, end)
    inside = [run for run in page.runs if region <= run.owner < end]
    stays = [
        not (away[run.owner] or links[run.owner - region] or page.elements[run.owner].tag == "h1")
        and not is_note(run.text)
        and (run.prose or _says_something(page, run))
        for run in inside
    ]
    for place, run in enumerate(inside):
        if not (stays[place] or away[run.owner]) and _is_linked_sentence(page, inside, stays, place):
            around = page.elements[run.owner].parent
            stays[place] = around < region or not links[around - region]
    _drop_empty_headings(page, inside, stays)
    return _once(run for run, stay in zip(inside, stays, strict=True) if stay)


def _is_linked_sentence(page: Outline, inside: list[Run], stays: list[bool], place: int) -> bool:
    """Whether a run is a sentence of the text that is mostly a link: it ends as one, beside a paragraph that stays."""
    run, elements = inside[place], page.elements
    length = len(run.text)
    if elements[run.owner].tag not in SENTENCES or length < PROSE_SENTENCE or run.linked <= LINKED * length:
        return False
    if not FULL_STOP.search(run.text):
        return False
    around = elements[run.owner].parent
    return any(
        stays[other] and inside[other].prose and elements[inside[other].owner].parent == around
        for other in (place - 1, place + 1)
        if 0 <= other < len(inside)
    )


def _drop_empty_headings(page: Outline, inside: list[Run], stays: list[bool]) -> None:
    """Headings below which something was left out and nothing stays, up to the next heading of their rank; and all at
    the end."""
    tags = [page.elements[run.owner].tag for run in inside]
    for place, tag in enumerate(tags):
        if not stays[place] or tag not in HEADINGS or inside[place].prose:
            continue
        left_out = False
        for other in range(place + 1, len(tags)):
            if tags[other] in HEADINGS and tags[other] <= tag:
                break
            if stays[other] and tags[other] not in HEADINGS:
                left_out = False
                break
            left_out = left_out or not stays[other]
        else:
            left_out = True
        stays[place] = not left_out


def _once(runs: Iterable[Run]) -> list[Run]:
    """Runs without paragraphs that repeat an earlier one, as copies for other readers do."""
    said: set[str] = set()
    found = []
    for run in runs:
        if not run.prose or run.text not in said:
            found.append(run)
            said.add(run.text)
    return found


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
    if run.linked > LINK_LIST * len(run.text):
        return False
    tag = page.elements[run.owner].tag
    return tag in HEADINGS or tag in BLOCKS or (len(run.text) > LONG_ENOUGH and TERMINAL.search(run.text) is not None)
