"""Other stories that a page shows beside its own: whole articles, and lists of teasers with descriptions."""

from __future__ import annotations

from collections import Counter

from riverline.parsing.html.block_outline import Outline, Run

TITLE = 8  # characters of a story's title, at least; Korean titles are short
TITLE_ALONE = 20  # the same where it is no heading: names of readers are shorter
LINKED = 0.8  # share of link text from which on a run is a title that leads to a story
DESCRIPTION = 400  # characters of a teaser, at most
PARTS = 8  # runs of a teaser, at most
FEWEST = 3  # teasers that make a list
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


def other_stories(page: Outline, head: int, stories: list[bool]) -> list[bool]:
    """Which elements hold another story than the one of the headline `head`; `stories` are articles by tag or name.
    Without a headline there is none to tell them from."""
    found = [False] * len(page.elements)
    titles = _titles(page) if head >= 0 else []
    if not titles:
        return found
    around = set(page.ancestors(head))
    own = next((number for number in page.ancestors(head) if stories[number]), -1)
    if own >= 0:
        for number in _articles(page, titles, stories):
            found[number] = number not in around
    for number in _teasers(page, titles):
        found[number] = found[number] or (number > head and not (own >= 0 and own < number < page.elements[own].end))
    return found


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
