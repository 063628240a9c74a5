"""Which elements stand beside a main text: by their names (class and id), their tags and how much prose they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from riverline.parsing.html.block_outline import Element, Outline, weight
from riverline.parsing.other_stories import other_stories

# What an element's name says of it; flags, as plain numbers because they are compared for every element of every page.
PLAIN = 0
APART = 1  # comments, dialogs, hidden copies, embedded posts: however much they say, they are not the page's text
SURE = 2  # side bars, sharing, related pages
LIKELY = 4  # often beside, but some sites call their text so
TEASER = 8  # the lead where it is the only one, a list of other pages where there are many
POST = 16  # a whole article of a blog: its classes name its tags and categories, not its place
SMALL = 32  # what names a line or a picture, and also the form of a text: `image`, `date`, `share`

# Whole words of a name, and parts of it, as they stand in the languages of many sites.
SEPARATOR = re.compile(r"[\s_\-0-9]+")
APART_WORDS = frozenset(("comment", "comments", "respond", "kommentar", "kommentare", "댓글", "blind", "ticker"))
LIKELY_WORDS = frozenset(
    (
        "nav", "menu", "foot", "banner", "ad", "ads", "promo", "rating", "print", "pager", "toolbar", "login", "popup",
        "modal", "overlay", "hide", "toc", "skip", "infobox", "credits", "copyright", "disclaimer", "disclosure",
        "affiliate", "profile", "caption", "captions", "postmetadata", "byline", "ratings", "notice", "flyout",
        "placeholder",
    )
)  # fmt: skip
SMALL_WORDS = frozenset(
    (
        "image", "img", "date", "time", "timestamp", "meta", "tag", "tags", "source", "credit", "author", "shares",
        "share", "embed", "button", "buttons", "links", "more", "next", "prev", "previous", "utility",
    )
)  # fmt: skip
# Names of texts that have a picture beside them.
TEXT_WITH_PICTURE = re.compile(
    r"(?:with|has)-(?:image|img)|(?:image|img|media)-(?:and-)?text|text-(?:and-)?(?:image|img)"
)
WORDS = ((APART, APART_WORDS), (LIKELY, LIKELY_WORDS), (SMALL, SMALL_WORDS))
PARTS = (
    (
        APART,
        re.compile(
            r"comment-?list|[a-z]comments?\b|kommentare?\b|disqus|livefyre|leserbrief|reader-?letters"
            r"|cookie|consent|gdpr|dsgvo|privacy-?(?:popup|banner|overlay|notice|embed)|newsticker|marquee"
            r"|sr-?only\b|visually-?hidden|screen-?reader|twitter-tweet|fb-post|instagram-media|tiktok-embed"
            r"|didomi|usercentrics|sp_message|qc-cmp|cc-(?:window|banner)|cli-modal|klaro|iubenda|axeptio|borlabs|cmpbox"
            r"|layer_?-?popup|popup_?-?layer|newsletter-?(?:sign-?up|form|box|popup)"
            r"|^(?:(?:site|page|global|main)[-_]?)?footer(?:[-_]?(?:wrap(?:per)?|area|inner|container))?$"
        ),
    ),
    (
        SURE,
        re.compile(
            r"(?<!with-)(?<!has-)(?<!no-)side-?bar|related|news-?letter|sharing|share-?(?:bar|buttons?|links?|tools?|icons?|box"
            r"|this)|sharedaddy|(?:post|social|article)-?share|social|breadcrumb|navigation|pagination|footer|advert"
            r"|author-?(?:info|box|bio|desc)|saboxplugin|widget-?area|rss-?summary|fact-?box"
        ),
    ),
    (
        LIKELY,
        re.compile(
            r"subscri|sponsor|recommend|popular|trending|most-?read|meist|outbrain|taboola|tag-?list|tagcloud|werbung"
            r"|anzeige|weiterlesen|read-?more|more-?(?:from|on|news|stories)|similar|gallery|slider|carousel|paywall|abo-"
            r"|feedback|sign-?up|register|donat|info-box|\bwidget_|image-?description|-cta\b|inline-?text-?box|sitename"
        ),
    ),
    (TEASER, re.compile("teaser")),
    (POST, re.compile(r"hentry|type-post|post-\d+")),
)

# Classes by which frameworks hide an element, unless another one shows it on some screens.
HIDES = re.compile(r"(?:^|\s)(?:d-none|is-hidden|hidden|hide|modal\s(?:\S+\s)*fade)(?:$|\s)")
SHOWN_AGAIN = re.compile(r"(?:^|\s)(?:d-(?:xs|sm|md|lg|xl|xxl)-|(?:sm|md|lg|xl|2xl):|visible-|show)")
NEVER = frozenset(("body", "html", "main", "article", "h1"))
NEVER_PARTS = NEVER - {"article"}
TAGS = frozenset(("form", "menu", "figure", "figcaption"))
APART_TAGS = frozenset(("dialog", "nav", "footer", "aside", "marquee"))
ENOUGH = 250  # characters of prose that must remain where what is apart is taken away
BELOW = 40  # the same below a headline
LARGEST = 0.35  # share of a page's prose that one element beside the main text may hold
LARGEST_SURE = 0.6  # the same where its name leaves no doubt: related pages can be longer than a short article
LEADS_AWAY = 0.1  # share of link text in what may leave though it is longer than the text
REMAINS = 0.35  # share of a page's prose below which too much was taken away
TEASERS = 2  # more of them than this on a page are a list
FEW = 3  # runs of an element that is small
LONGEST_NAME = 200  # characters of a name that are looked at


@lru_cache(maxsize=32_768)
def kind(name: str) -> int:
    """What a name says; remembered, for the pages of a site share their names."""
    found = PLAIN
    for part in name[:LONGEST_NAME].split():
        found |= _kind_of(part)
    if HIDES.search(name) and not SHOWN_AGAIN.search(name):
        found |= APART
    return found


@lru_cache(maxsize=32_768)
def _kind_of(part: str) -> int:
    """What one class or id says: the pages of all sites share many of them."""
    part = part.lower()
    words = SEPARATOR.split(part)
    found = PLAIN
    for flag, names in WORDS:
        found |= PLAIN if names.isdisjoint(words) else flag
    if found & SMALL and TEXT_WITH_PICTURE.search(part):
        found &= ~SMALL
    for flag, pattern in PARTS:
        found |= flag if pattern.search(part) else PLAIN
    return found


@dataclass(slots=True)
class Beside:
    """What stands beside the main text. `away` is right for all elements with prose; for those without, once `look` was
    called: most of a page's elements hold none, and nobody asks about those outside of the main text."""

    page: Outline
    kinds: list[int]
    refused: int  # the flags for which elements are beside
    away: list[bool]
    apart: list[bool]  # those of them that are no part of the text by what they are

    def look(self, start: int, end: int) -> None:
        """Looks at the elements without prose from one number to another as well."""
        elements = self.page.elements
        for number in range(max(1, start), end):
            element = elements[number]
            if self.away[number] or element.prose or not element.runs:
                continue
            found = kind(element.name) if len(element.name) > 1 else PLAIN
            self.away[number] = (
                self.away[element.parent]
                or element.hidden
                or element.tag in APART_TAGS
                or (found & APART != 0 and not found & POST)
                or _stands_beside(element, found, 0, self.refused)
            )

    def is_apart(self, number: int) -> bool:
        """Whether an element is no part of the text by its tag, or is not shown: names alone may be wrong."""
        elements = self.page.elements
        return self.apart[number] and any(
            elements[outer].hidden or elements[outer].tag in APART_TAGS for outer in self.page.ancestors(number)
        )


def beside(page: Outline) -> Beside:
    """What stands beside the main text of a page, as far as it holds prose."""
    kinds = [kind(element.name) if element.prose and len(element.name) > 1 else PLAIN for element in page.elements]
    head = headline(page)
    apart = _apart(page, kinds, head)
    sure = _marked(page, list(map(_is_sure, page.elements, kinds)), head, apart)
    if not _is_enough(page, sure, head):
        sure = apart
    base = _kept(page, apart)
    teasers = TEASER if sum(found & TEASER != 0 for found in kinds) > TEASERS else PLAIN
    refused = SURE | LIKELY | SMALL | teasers
    away = _away(page, kinds, base, refused, sure)
    if _kept(page, away) >= REMAINS * base:
        return Beside(page, kinds, refused, away, apart)
    return Beside(page, kinds, SURE, _away(page, kinds, base, SURE, sure), apart)


def headline(page: Outline) -> int:
    """The number of the page's headline: its first h1 that is no link to another page, in an article rather than beside
    one; -1 where there is none."""
    found = [number for number, element in enumerate(page.elements) if element.tag == "h1" and element.text]
    own = [number for number in found if page.elements[number].linked < page.elements[number].text] or found
    for number in own:
        if any(page.elements[outer].tag in ("article", "main") for outer in page.ancestors(number)):
            return number
    return own[0] if own else -1


def _apart(page: Outline, kinds: list[int], head: int) -> list[bool]:
    """What is no part of the text by what it is, however much it says; where next to nothing else is there, only as
    much as may stand beside a text."""
    elements, total = page.elements, page.elements[0].prose
    own = [
        (found & APART != 0 and not found & POST) or element.hidden or element.tag in APART_TAGS
        for element, found in zip(elements, kinds, strict=True)
    ]
    stories = [element.tag == "article" or found & POST != 0 for element, found in zip(elements, kinds, strict=True)]
    others = other_stories(page, head, stories)
    if any(others):
        away = _marked(page, [one or other for one, other in zip(own, others, strict=True)], head, never=NEVER_PARTS)
        if _is_enough(page, away, head):
            return away
    away = _marked(page, own, head)
    if _kept(page, away) >= ENOUGH or _is_enough(page, away, head):
        return away
    small = [
        total - element.prose >= ENOUGH if found & APART else element.prose <= LARGEST * total
        for element, found in zip(elements, kinds, strict=True)
    ]
    return _marked(page, [one and other for one, other in zip(own, small, strict=True)], head)


def _is_sure(element: Element, found: int) -> bool:
    """Whether an element's name leaves no doubt, and it leads elsewhere, as side bars and related pages do."""
    return found & SURE != 0 and not found & POST and element.linked >= LEADS_AWAY * element.text


def _marked(
    page: Outline, own: list[bool], head: int, away: list[bool] | None = None, never: frozenset[str] = NEVER
) -> list[bool]:
    """Each element that is marked or stands in one; none that the headline stands in."""
    elements = page.elements
    around = set(page.ancestors(head))
    marked = away[:] if away else [False] * len(elements)
    for number in range(1, len(elements)):
        if marked[elements[number].parent] or (
            own[number] and elements[number].tag not in never and number not in around
        ):
            marked[number] = True
    return marked


def _kept(page: Outline, away: list[bool], head: int = -1) -> int:
    """Characters of prose that are left, below the headline where one is given."""
    return sum(len(run.text) for run in page.prose if run.owner > head and not away[run.owner])


def _is_enough(page: Outline, away: list[bool], head: int) -> bool:
    """Whether a text is left below the headline."""
    if head < 0 or _kept(page, away, head) >= BELOW:
        return head >= 0
    return sum(weight(run.text) for run in page.prose if run.owner > head and not away[run.owner]) >= BELOW


def _away(page: Outline, kinds: list[int], base: int, refused: int, apart: list[bool]) -> list[bool]:
    away = apart[:]
    elements = page.elements
    for number in range(1, len(elements)):
        if not away[number]:
            away[number] = away[elements[number].parent] or _stands_beside(
                elements[number], kinds[number], base, refused
            )
    return away


def _stands_beside(element: Element, found: int, base: int, refused: int) -> bool:
    if element.tag in NEVER or found & POST:
        return False
    found &= refused
    if found & SURE and element.prose <= LARGEST_SURE * base:
        return True
    if found & TEASER and not element.linked:
        found &= ~TEASER  # the lead of this page: other pages are linked
    if element.tag in TAGS or found & ~SMALL:
        return element.prose <= LARGEST * base
    return found & SMALL != 0 and (element.runs <= FEW or 2 * element.linked >= element.text)
