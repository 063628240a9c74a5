"""Where a page leads: its links, its feeds, the addresses of a feed or a sitemap. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from riverline.model import Page
from riverline.parsing.charset.decoding import codec, declared, decoded
from riverline.parsing.feeds.feed import parse_feed
from riverline.parsing.feeds.sitemap import parse_sitemap
from riverline.parsing.html.canonical import canonical_hint
from riverline.parsing.html.links import AT_ONCE, absolute, base_of, links, refresh_of
from riverline.parsing.html.named import Named
from riverline.parsing.html.page import parsed_tree
from riverline.parsing.html.robots_directives import of_metas
from riverline.parsing.parse import data_type

FEED_TYPES = (
    "link[rel~=alternate i][type='application/rss+xml' i],link[rel~=alternate i][type='application/atom+xml' i]"
)
OTHER_PAGES = "link[rel~=next i][href],link[rel~=prev i][href],link[rel~=alternate i][hreflang][href]"
HARDLY_ANY = 200  # characters of text; a page with more is there to be read, though it sends its reader on


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`links`: each once; `listing`: the page is a feed or a sitemap, so the site itself says which pages it has;
    `own`: the key that it gives for itself; `moved`: where it sends its reader at once, in the place of a text."""

    links: tuple[str, ...] = ()
    listing: bool = False
    own: str = ""
    moved: str = ""


def outgoing(page: Page) -> Outgoing:
    """Where a page leads; nowhere by its links where it asks not to be followed. Raises Invalid for one that cannot be
    read."""
    kind = data_type(page)
    if kind == "html":
        return _of_html(page)
    if kind == "feed":
        return Outgoing(parse_feed(page).links, listing=True)
    return Outgoing(parse_sitemap(page).links, listing=True) if kind == "sitemap" else Outgoing()


def _of_html(page: Page) -> Outgoing:
    tree = parsed_tree(decoded(page.body, page.charset))
    own = canonical_hint(tree, page.url)
    named = Named(tree)
    if of_metas(named).nofollow:
        return Outgoing(own=own)
    base, charset = base_of(named, page.url), codec(page.charset) or declared(page.body)
    refresh = refresh_of(named, page.url, base, charset)
    if refresh and refresh.seconds <= AT_ONCE and not _says_much(tree):
        return Outgoing(own=own, moved=refresh.url)
    hrefs = [element.attributes.get("href") or "" for element in tree.css(f"{FEED_TYPES},{OTHER_PAGES}")]
    frames = tree.css("iframe[src]")
    if frames and not _says_much(tree):  # the text is in a frame, as on Naver's blogs
        hrefs += [frame.attributes.get("src") or "" for frame in frames]
    others = [url for href in hrefs if (url := absolute(href, base, charset))]
    later = [refresh.url] if refresh else []
    return Outgoing(tuple(dict.fromkeys([*links(tree, base, charset), *others, *later])), own=own)


def _says_much(tree: LexborHTMLParser) -> bool:
    text = tree.body.text(separator=" ") if tree.body else ""
    return len(" ".join(text.split())) > HARDLY_ANY
