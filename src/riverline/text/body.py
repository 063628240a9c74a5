"""Which runs of a page's outline are its main text: what is besides it goes first, then the densest region is found."""

from __future__ import annotations

import re

from .outline import TERMINAL, Element, Outline, Run

# Names of elements (class, id) that stand beside a main text. Parts of words, for names are written in many ways.
APART = re.compile(
    r"(?:^|[\s_-])comments?(?![a-z])|commentlist|comment-?list|[a-z]comments?\b|kommentare?\b|disqus|respond\b|livefyre|leserbrief|reader-?letters"
    r"|cookie|consent|gdpr|dsgvo|privacy-?(?:popup|banner|overlay)",
    re.I,
)
BESIDE = re.compile(
    r"side-?bar|(?:^|[\s_-])(?:nav|menu|footer|foot|banner|ad|ads|advert\w*|share|sharing|shares|tags?|meta|related|promo|byline|author|rating|print|pager|toolbar|login|popup|modal|overlay|hide|more|next|prev|previous|toc|skip|links|buttons?|info-?box|caption|credits?|copyright|source|date|time|timestamp|embed|image|img|disclaimer|affiliate|profile)(?![a-z])"
    r"|navigation|breadcrumb|newsletter|subscri|social|sponsor|recommend|related|popular|trending|most-?read|meist|outbrain|taboola|pagination|sharing|share[-_]?(?:bar|buttons?|links?|tools?|daddy)|tag-?list|tagcloud|author-?(?:box|bio|info)|post-?meta|entry-?meta|article-?meta|advertis|werbung|anzeige|weiterlesen|read-?more|more-?(?:from|on|news|stories)|similar|gallery|slider|carousel|paywall|abo-|feedback|signup|sign-up|register|donat",
    re.I,
)
SURELY = re.compile(r"side-?bar|related|newsletter|share|sharing|social|breadcrumb|navigation|pagination|author-?(?:info|box|bio|desc)|footer|advert", re.I)
TEASER = re.compile(r"teaser", re.I)
POST = re.compile(r"hentry|type-post|post-\d+")  # the classes that blog software gives to whole articles
NEVER = frozenset(("body", "html", "main", "article", "h1"))
BESIDE_TAGS = frozenset(("nav", "footer", "aside", "form", "dialog", "menu", "figcaption", "figure"))
ENOUGH = 250  # characters of prose without which nothing is taken away or believed
LARGEST_BESIDE = 0.35  # share of the page's prose that may stand beside the main text in one element
REMAINS = 0.35
DESCEND = 0.75  # share of an element's prose that a child needs for the search to go on in it
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
BLOCKS = frozenset(("p", "li", "td", "th", "blockquote", "pre", "dd", "dt", "figcaption", "summary"))
SHORT = 25
NOISE = re.compile(
    r"\W*(?:Drucken|E-?Mail|Facebook|Flipboard|Google\+?|Instagram|Linkedin|Mail|PDF|Pinterest|Pocket|Print|QQ|Reddit|Twitter|WeChat|WeiBo|"
    r"Whatsapp|Xing|Tweet|Share|Teilen|Like|Kommentare?|Comments?|Tags?|Advertisement|Anzeige|Werbung|Mehr zum Thema|More on this.{0,8}|Read more|Zurück|Weiter)\W*(?:\d+\W*)?$",
    re.I,
)


def body(page: Outline) -> list[Run]:
    """The runs of the main text, in order."""
    if not page.runs:
        return []
    away = beside(page)
    if sum(len(run.text) for run in page.runs if run.prose and not away[run.owner]) < REMAINS * page.elements[0].prose:
        away = beside(page, strict=False)
    region = densest(page, away)
    lead = leads(page, region, away)
    return lead + kept(page, region, away)


def beside(page: Outline, strict: bool = True) -> list[bool]:
    """For each element whether it, or one around it, stands beside the main text."""
    total = page.elements[0].prose
    away = [False] * len(page.elements)
    teasers = sum(TEASER.search(element.name) is not None for element in page.elements) > 2
    for number, element in enumerate(page.elements):
        if number and (away[element.parent] or _besides(element, total, strict, teasers)):
            away[number] = True
    return away


def _besides(element: Element, total: int, strict: bool, teasers: bool) -> bool:
    name = element.name
    if element.tag in NEVER or POST.search(name):
        return False
    if len(name) > 1 and APART.search(name):
        return total - element.prose >= ENOUGH
    if element.tag in BESIDE_TAGS or (len(name) > 1 and (BESIDE if strict else SURELY).search(name)) or (strict and (element.hidden or (teasers and TEASER.search(name)))):
        return element.prose <= LARGEST_BESIDE * total
    return False


def densest(page: Outline, away: list[bool]) -> int:
    """The innermost element that holds most of the prose."""
    prose = _left(page, away)
    children: dict[int, list[int]] = {}
    for number, element in enumerate(page.elements):
        if number and not away[number]:
            children.setdefault(element.parent, []).append(number)
    at = 0
    while at in children:
        best = max(children[at], key=prose.__getitem__)
        if not prose[best] or prose[best] < DESCEND * prose[at]:
            break
        at = best
    while at and (page.elements[at].tag in BLOCKS or page.elements[at].tag in HEADINGS or page.elements[at].tag in ("ul", "ol", "tr", "tbody", "table")):
        at = page.elements[at].parent
    return at


def _left(page: Outline, away: list[bool]) -> list[int]:
    """Prose of each element without what stands beside."""
    prose = [0] * len(page.elements)
    for run in page.runs:
        if run.prose and not away[run.owner]:
            prose[run.owner] += len(run.text)
    for number in range(len(prose) - 1, 0, -1):
        prose[page.elements[number].parent] += prose[number]
    return prose


def leads(page: Outline, region: int, away: list[bool]) -> list[Run]:
    """Prose between the headline and the region."""
    scope = head = 0
    for number in page.ancestors(region)[1:]:
        scope = number
        if page.elements[number].tag in ("article", "main", "body"):
            break
        end = page.elements[number].end
        if any(page.elements[inner].tag == "h1" for inner in range(number, region)):
            break
    heads = [n for n in range(scope, region) if page.elements[n].tag == "h1"]
    if heads: head = heads[-1]
    elif page.elements[scope].tag == "body": return []
    else: head = scope
    return [run for run in page.runs if head < run.owner < region and run.prose and not away[run.owner] and page.elements[run.owner].tag in ("p","div","h2","h3","h4","span","strong","section","li", "header")]


def kept(page: Outline, region: int, away: list[bool]) -> list[Run]:
    """The runs of a region without lists of links, labels and headings that head nothing."""
    end = page.elements[region].end
    dense = _link_lists(page, region, end)
    inside = [run for run in page.runs if region <= run.owner < end and not away[run.owner] and not dense[run.owner - region] and page.elements[run.owner].tag != 'h1']
    chosen = [run for run in inside if run.prose or _said(page, run)]
    while chosen and not chosen[-1].prose and page.elements[chosen[-1].owner].tag in HEADINGS:
        chosen.pop()
    return chosen


def _link_lists(page: Outline, region: int, end: int) -> list[bool]:
    dense = [False] * (end - region)
    for number in range(region + 1, end):
        element = page.elements[number]
        above = element.parent - region
        dense[number - region] = (above >= 0 and dense[above]) or (element.linked > 0.5 * element.text and element.prose == 0)
    return dense


def _said(page: Outline, run: Run) -> bool:
    tag, length = page.elements[run.owner].tag, len(run.text)
    if run.linked > 0.5 * length or NOISE.match(run.text):
        return False
    if tag in HEADINGS or tag in BLOCKS:
        return True
    return length > SHORT and TERMINAL.search(run.text) is not None
