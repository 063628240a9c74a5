"""Other stories that a page shows beside its own: whole articles, and lists of teasers with descriptions."""

from __future__ import annotations

from collections import Counter

from riverline.parsing.html.block_outline import Outline, Run

TITLE = 8  # characters of a story's title, at least; Korean titles are short
TITLE_ALONE = 20  # the same where it is no heading: names of readers are shorter
LINKED = 0.8  # share of link text from which on a run is a title that leads to a story
DESCRIPTION = 400  # characters of a teaser, at most
PARTS = 8  # runs of a teaser, at most
LONGEST_LINK = 30  # characters of a link at the end of a teaser
WHOLE = 350  # characters of prose in an article that is a text of its own
FEWEST = 3  # teasers that make a list
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


def other_stories(page: Outline, head: int, stories: list[bool]) -> list[bool]:
    """Which elements hold another story than the one of the headline `head`; `stories` are articles by tag or name.
    Without a headline there is none to tell them from."""
    found = [False] * len(page.elements)
    if head < 0:
        return found
    around = set(page.ancestors(head))
    own = next((number for number in page.ancestors(head) if stories[number]), -1)
    titles = _titles(page)
    others = [*_articles(page, titles, stories)] if own >= 0 else []
    inside = range(own, page.elements[own].end) if own >= 0 else range(0)
    others += [card for card in _teasers(page, titles) if card not in inside]
    others += [card for card in _teasers(page, _plain_titles(page, head)) if card not in inside]
    if own >= 0 and page.elements[own].tag == "article":
        others += _outside(page, own)
    for number in others:
        found[number] = number not in around
    return found


def _outside(page: Outline, own: int) -> list[int]:
    """What stands beside the article of the headline: all before it, for leads stand in it or before the headline; what
    follows only where the article is a text of its own, for some hold a headline and its lead alone."""
    elements = page.elements
    around = frozenset(page.ancestors(own)[1:])
    last = len(elements) if elements[own].prose >= WHOLE else own
    return [number for number in range(1, last) if elements[number].parent in around and elements[number].prose]


def _plain_titles(page: Outline, head: int) -> list[Run]:
    """The headings that are no links: above the headline, and below it where a link follows them in their card. Others
    are the text's own."""
    return [
        run
        for place, run in enumerate(page.runs)
        if page.elements[run.owner].tag in HEADINGS
        and len(run.text) >= TITLE
        and (run.owner < head or _leads_on(page, place))
    ]


def _leads_on(page: Outline, place: int) -> bool:
    """Whether what holds a heading, a description and little else ends with a link, as `Read more`."""
    title = page.runs[place]
    card = page.elements[page.elements[title.owner].parent]
    if title.linked or not card.linked or not card.prose or card.text > DESCRIPTION or card.runs > PARTS:
        return False
    last = [run for run in page.runs[place : place + PARTS] if run.owner < card.end][-1]
    return last.linked == len(last.text) <= LONGEST_LINK


def _titles(page: Outline) -> list[Run]:
    """What leads to other stories; of several such lines in a row, as of a title and its section, the first."""
    marks = [_is_title(page, run) for run in page.runs]
    return [run for run, mark, before in zip(page.runs, marks, [False, *marks], strict=False) if mark and not before]


def _is_title(page: Outline, run: Run) -> bool:
    least = TITLE if page.elements[run.owner].tag in HEADINGS else TITLE_ALONE
    return len(run.text) >= least and run.linked >= LINKED * len(run.text)


def _articles(page: Outline, titles: list[Run], stories: list[bool]) -> set[int]:
    """The articles whose heading leads elsewhere."""
    found = set()
    for run in titles:
        if page.elements[run.owner].tag in HEADINGS:
            found.add(next((number for number in page.ancestors(run.owner) if stories[number]), 0))
    return found - {0}


def _teasers(page: Outline, titles: list[Run]) -> list[int]:
    """The elements that hold one title with a short description each, several in a row."""
    elements = page.elements
    counts: Counter[int] = Counter()
    for run in titles:
        counts.update(page.ancestors(run.owner))
    cards = []
    for run in titles:
        card = run.owner
        while card and counts[elements[card].parent] == 1:
            card = elements[card].parent
        element = elements[card]
        if card and element.prose and element.text <= DESCRIPTION and element.runs <= PARTS:
            cards.append(card)
    lists = Counter(elements[card].parent for card in cards)
    return [card for card in cards if lists[elements[card].parent] >= FEWEST]
