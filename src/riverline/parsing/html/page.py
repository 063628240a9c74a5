"""HTML pages: the parser that every site has which brings none of its own."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from riverline.errors import Invalid
from riverline.model import Page, Parsed
from riverline.parsing.charset.decoding import decoded
from riverline.parsing.dates import published
from riverline.parsing.dates.formats import LATEST_MS, NO_LIMIT
from riverline.parsing.html import jsonld
from riverline.parsing.html.fallback_extraction import is_short, second_opinion
from riverline.parsing.html.lxml_tree import LaxPage
from riverline.parsing.html.main_region import body
from riverline.parsing.html.main_text import joined, readable
from riverline.parsing.html.metadata import Metadata, metadata
from riverline.parsing.html.named import Named
from riverline.parsing.html.robots_directives import of_metas
from riverline.parsing.limits import MAX_DEPTH, MAX_TAGS, SAFE_TAGS
from riverline.parsing.site_parsers import Chosen, site_of

ELEMENT = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.I)
HOMES = ("", "/", "/index.html", "/index.php")
NEVER_OPEN = frozenset(
    (
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        "p", "li", "td", "tr", "th", "option",
    )
)  # fmt: skip
VIDEO_TYPES = ("video", "video.other", "video.movie", "video.episode")


def parse_html(page: Page) -> Parsed:
    """What an HTML page says. Raises Invalid for one that is empty, too large or nested too deeply."""
    html = decoded(page.body, page.charset)
    tree = parsed_tree(html)
    named = Named(tree)
    found = metadata(tree, page.url, named)
    asked = of_metas(named)
    site = site_of(page.url)
    chosen = site.chosen(tree, found.base) if site else Chosen()
    times = published.times(tree, named)
    outline = readable(tree, named)  # from here on the tree is in pieces
    latest = page.fetched_at + LATEST_MS if page.fetched_at else NO_LIMIT
    main = body(outline)
    text = joined(main.runs)
    lax = LaxPage(html, twice=is_short(text))
    dates = published.dates(published.Sources(page.url, lax, found, outline, main.runs, times, latest), chosen)
    text = chosen.text or second_opinion(lax, text, found.title, main.apart)
    kind = chosen.kind or _kind(found, page.url, main.lists(text))
    return Parsed(
        url=page.key or page.url,
        title=chosen.title or found.title,
        summary=chosen.summary or found.description,
        text=text,
        kind=kind,
        author=chosen.author or found.author,
        image=chosen.image or found.image,
        site_name=found.site_name,
        language=found.language,
        region=found.region,
        published=dates.published,
        modified=dates.modified,
        tags=tuple(chosen.tags or found.tags),
        noindex=asked.forbids_indexing(page.fetched_at),
    )


def parsed_tree(text: str) -> LexborHTMLParser:
    """The tree of a page. Raises Invalid for an empty page and for one that would take seconds to parse."""
    if not text.strip():
        raise Invalid("the page is empty", reason="empty")
    count = text.count("<")
    if count > MAX_TAGS:
        raise Invalid(f"the page has more than {MAX_TAGS} tags", reason="too_large")
    if count > SAFE_TAGS and depth(text) > MAX_DEPTH:
        raise Invalid(f"the page's elements are nested more than {MAX_DEPTH} deep", reason="too_deep")
    tree = LexborHTMLParser(text)
    if tree.root is None:
        raise Invalid("the page holds no element", reason="empty")
    return tree


def depth(text: str) -> int:
    """How deep a page's elements are nested at most, not counting those that need no end tag."""
    deepest = level = 0
    for match in ELEMENT.finditer(text):
        if match[2].lower() in NEVER_OPEN:
            continue
        level = max(0, level - 1) if match[1] else level + 1
        deepest = max(deepest, level)
    return deepest


def _kind(found: Metadata, url: str, lists: bool) -> str:
    """`article`, `video` or `list`, by what the page declares, by its path, and by what it is made of."""
    article = bool(found.types & jsonld.ARTICLES)
    if found.og_type in VIDEO_TYPES or (found.types & jsonld.VIDEOS and not article):
        return "video"
    parts = urlsplit(url)
    if parts.path in HOMES and not parts.query:
        return "list"
    if article or found.published or found.og_type == "article":
        return "article"
    return "list" if found.types & jsonld.LISTS or lists else "article"
