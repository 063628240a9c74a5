"""Which elements stand beside a main text: by their names (class and id), their tags and how much prose they hold."""

from __future__ import annotations

import re
from enum import IntFlag
from functools import lru_cache

from .outline import Element, Outline


class Name(IntFlag):
    """What an element's name says of it."""

    PLAIN = 0
    APART = 1  # comments, consent banners: however much they say, they are not the page's text
    SURE = 2  # side bars, sharing, related pages
    LIKELY = 4  # often beside, but some sites call their text so
    TEASER = 8  # the lead where it is the only one, a list of other pages where there are many
    POST = 16  # a whole article of a blog: its classes name its tags and categories, not its place


# Parts of words, for names are written in many ways; words as they stand in the languages of many sites.
_APART = re.compile(
    r"(?:^|[\s_-])comments?(?![a-z])|commentlist|comment-?list|[a-z]comments?\b|kommentare?\b|disqus|respond\b|livefyre"
    r"|leserbrief|reader-?letters|댓글|cookie|consent|gdpr|dsgvo|privacy-?(?:popup|banner|overlay)",
    re.I,
)
_SURE = re.compile(
    r"side-?bar|related|newsletter|share|sharing|social|breadcrumb|navigation|pagination|footer|advert"
    r"|author-?(?:info|box|bio|desc)",
    re.I,
)
_LIKELY = re.compile(
    r"(?:^|[\s_-])(?:nav|menu|foot|banner|ads?|shares|tags?|meta|promo|byline|author|rating|print|pager|toolbar|login|popup"
    r"|modal|overlay|hide|more|next|prev|previous|toc|skip|links|buttons?|info-?box|captions?|credits?|copyright|source|date"
    r"|time|timestamp|embed|image|img|disclaimer|affiliate|profile)(?![a-z])"
    r"|subscri|sponsor|recommend|popular|trending|most-?read|meist|outbrain|taboola|tag-?list|tagcloud|werbung|anzeige"
    r"|weiterlesen|read-?more|more-?(?:from|on|news|stories)|similar|gallery|slider|carousel|paywall|abo-|feedback|sign-?up"
    r"|register|donat",
    re.I,
)
_TEASER = re.compile(r"teaser", re.I)
_POST = re.compile(r"hentry|type-post|post-\d+")

NEVER = frozenset(("body", "html", "main", "article", "h1"))
TAGS = frozenset(("nav", "footer", "aside", "form", "dialog", "menu", "figure", "figcaption"))
ENOUGH = 250  # characters of prose that must remain where comments are taken away
LARGEST = 0.35  # share of a page's prose that one element beside the main text may hold
REMAINS = 0.35  # share of a page's prose below which too much was taken away
TEASERS = 2  # more of them than this on a page are a list


@lru_cache(maxsize=32_768)
def kind(name: str) -> Name:
    """What a name says; remembered, for the pages of a site share their names."""
    found = Name.PLAIN
    for flag, pattern in NAMES:
        if pattern.search(name):
            found |= flag
    return found


NAMES = (
    (Name.APART, _APART),
    (Name.SURE, _SURE),
    (Name.LIKELY, _LIKELY),
    (Name.TEASER, _TEASER),
    (Name.POST, _POST),
)
LONGEST_NAME = 200  # characters of a name that are looked at


def beside(page: Outline) -> list[bool]:
    """For each element whether it, or one around it, stands beside the main text. Where the likely ones would take most
    of the page away, only the sure ones are taken."""
    kinds = [kind(element.name[:LONGEST_NAME]) for element in page.elements]
    teasers = Name.TEASER if sum(Name.TEASER in found for found in kinds) > TEASERS else Name.PLAIN
    away = _away(page, kinds, Name.SURE | Name.LIKELY | teasers, hidden=True)
    kept = sum(len(run.text) for run in page.runs if run.prose and not away[run.owner])
    return away if kept >= REMAINS * page.elements[0].prose else _away(page, kinds, Name.SURE, hidden=False)


def _away(page: Outline, kinds: list[Name], refused: Name, hidden: bool) -> list[bool]:
    total = page.elements[0].prose
    away = [False] * len(page.elements)
    for number in range(1, len(page.elements)):
        element = page.elements[number]
        away[number] = away[element.parent] or _stands_beside(element, kinds[number], total, refused, hidden)
    return away


def _stands_beside(element: Element, found: Name, total: int, refused: Name, hidden: bool) -> bool:
    if element.tag in NEVER or found & Name.POST:
        return False
    if found & Name.APART:
        return total - element.prose >= ENOUGH
    if element.tag in TAGS or found & refused or (hidden and element.hidden):
        return element.prose <= LARGEST * total
    return False
