"""Which elements stand beside a main text: by their names (class and id), their tags and how much prose they hold."""

from __future__ import annotations

import re
from functools import lru_cache

from .outline import Element, Outline

# What an element's name says of it; flags, as plain numbers because they are compared for every element of every page.
PLAIN = 0
APART = 1  # comments, consent banners: however much they say, they are not the page's text
SURE = 2  # side bars, sharing, related pages
LIKELY = 4  # often beside, but some sites call their text so
TEASER = 8  # the lead where it is the only one, a list of other pages where there are many
POST = 16  # a whole article of a blog: its classes name its tags and categories, not its place

# Whole words of a name, and parts of it, as they stand in the languages of many sites.
SEPARATOR = re.compile(r"[\s_\-0-9]+")
APART_WORDS = frozenset(("comment", "comments", "respond", "kommentar", "kommentare", "댓글"))
LIKELY_WORDS = frozenset(
    (
        "nav", "menu", "foot", "banner", "ad", "ads", "shares", "tag", "tags", "meta", "promo", "byline", "author",
        "rating", "print", "pager", "toolbar", "login", "popup", "modal", "overlay", "hide", "more", "next", "prev",
        "previous", "toc", "skip", "links", "button", "buttons", "infobox", "caption", "captions", "credit", "credits",
        "copyright", "source", "date", "time", "timestamp", "embed", "image", "img", "disclaimer", "affiliate",
        "profile",
    )
)  # fmt: skip
PARTS = (
    (
        APART,
        re.compile(
            r"comment-?list|[a-z]comments?\b|kommentare?\b|disqus|livefyre|leserbrief|reader-?letters"
            r"|cookie|consent|gdpr|dsgvo|privacy-?(?:popup|banner|overlay)"
        ),
    ),
    (
        SURE,
        re.compile(
            r"side-?bar|related|newsletter|share|sharing|social|breadcrumb|navigation|pagination|footer|advert"
            r"|author-?(?:info|box|bio|desc)"
        ),
    ),
    (
        LIKELY,
        re.compile(
            r"subscri|sponsor|recommend|popular|trending|most-?read|meist|outbrain|taboola|tag-?list|tagcloud|werbung"
            r"|anzeige|weiterlesen|read-?more|more-?(?:from|on|news|stories)|similar|gallery|slider|carousel|paywall|abo-"
            r"|feedback|sign-?up|register|donat|info-box"
        ),
    ),
    (TEASER, re.compile("teaser")),
    (POST, re.compile(r"hentry|type-post|post-\d+")),
)

NEVER = frozenset(("body", "html", "main", "article", "h1"))
TAGS = frozenset(("nav", "footer", "aside", "form", "dialog", "menu", "figure", "figcaption"))
ENOUGH = 250  # characters of prose that must remain where comments are taken away
LARGEST = 0.35  # share of a page's prose that one element beside the main text may hold
REMAINS = 0.35  # share of a page's prose below which too much was taken away
TEASERS = 2  # more of them than this on a page are a list


@lru_cache(maxsize=32_768)
def kind(name: str) -> int:
    """What a name says; remembered, for the pages of a site share their names."""
    name = name.lower()
    words = SEPARATOR.split(name)
    found = PLAIN if APART_WORDS.isdisjoint(words) else APART
    found |= PLAIN if LIKELY_WORDS.isdisjoint(words) else LIKELY
    for flag, pattern in PARTS:
        if pattern.search(name):
            found |= flag
    return found


LONGEST_NAME = 200  # characters of a name that are looked at


def beside(page: Outline) -> list[bool]:
    """For each element whether it, or one around it, stands beside the main text. Where the likely ones would take most
    of the page away, only the sure ones are taken."""
    kinds = [kind(element.name[:LONGEST_NAME]) if len(element.name) > 1 else PLAIN for element in page.elements]
    teasers = TEASER if sum(found & TEASER != 0 for found in kinds) > TEASERS else PLAIN
    away = _away(page, kinds, SURE | LIKELY | teasers, hidden=True)
    kept = sum(len(run.text) for run in page.runs if run.prose and not away[run.owner])
    return away if kept >= REMAINS * page.elements[0].prose else _away(page, kinds, SURE, hidden=False)


def _away(page: Outline, kinds: list[int], refused: int, hidden: bool) -> list[bool]:
    total = page.elements[0].prose
    away = [False] * len(page.elements)
    for number in range(1, len(page.elements)):
        element = page.elements[number]
        away[number] = away[element.parent] or _stands_beside(element, kinds[number], total, refused, hidden)
    return away


def _stands_beside(element: Element, found: int, total: int, refused: int, hidden: bool) -> bool:
    if element.tag in NEVER or found & POST:
        return False
    if found & APART:
        return total - element.prose >= ENOUGH
    if element.tag in TAGS or found & refused or (hidden and element.hidden):
        return element.prose <= LARGEST * total
    return False
