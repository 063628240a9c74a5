"""Where a page leads: its links, its feeds, the addresses of a feed or a sitemap. Pure."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from crawler.answers import forbids
from riverline.errors import Invalid
from riverline.model import Page
from riverline.text.charset import decoded
from riverline.text.feeds import parse_feed, parse_sitemap
from riverline.text.html import parsed_tree
from riverline.text.links import links
from riverline.text.metadata import own_address
from riverline.text.parse import data_type
from riverline.text.url import joined

FEED_TYPES = "link[rel~=alternate][type='application/rss+xml'],link[rel~=alternate][type='application/atom+xml']"
OTHER_PAGES = "link[rel~=next][href],link[rel~=prev][href],link[rel~=alternate][hreflang][href]"


def is_listing(page: Page) -> bool:
    """Whether a page is a feed or a sitemap: the site itself says which pages it has."""
    try:
        return data_type(page) in ("feed", "sitemap")
    except Invalid:
        return False


def own_address_of(page: Page) -> str:
    """The key under which a page's document stands where the page itself names it, and nothing else."""
    try:
        return own_address(parsed_tree(decoded(page.body, page.charset)), page.url) if data_type(page) == "html" else ""
    except Invalid:
        return ""


def links_of(page: Page) -> tuple[str, ...]:
    """The addresses that a page leads to, each once; none for a page that cannot be read or asks not to be followed."""
    try:
        kind = data_type(page)
        if kind == "html":
            return _of_html(page)
        if kind == "feed":
            return parse_feed(page).links
        return parse_sitemap(page).links if kind == "sitemap" else ()
    except Invalid:
        return ()


def _of_html(page: Page) -> tuple[str, ...]:
    tree = parsed_tree(decoded(page.body, page.charset))
    if _nofollow(tree):
        return ()
    base = _base(tree, page.url)
    named = (element.attributes.get("href") or "" for element in tree.css(f"{FEED_TYPES},{OTHER_PAGES}"))
    return tuple(dict.fromkeys([*links(tree, base), *(url for href in named if (url := _joined(base, href)))]))


def _nofollow(tree: LexborHTMLParser) -> bool:
    metas = tree.css("meta[name=robots i],meta[name=riverlinebot i]")
    return any(forbids(meta.attributes.get("content") or "", "nofollow") for meta in metas)


def _base(tree: LexborHTMLParser, url: str) -> str:
    element = tree.css_first("base[href]")
    return (_joined(url, element.attributes.get("href") or "") if element else "") or url


def _joined(base: str, href: str) -> str:
    try:
        return joined(base, href)
    except Invalid:
        return ""
