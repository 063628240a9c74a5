"""The address that a page gives for itself: a hint, which anybody who writes into the page may have placed, and which
templates get wrong. It is no name for the page; it tells the crawler where the page may be found too. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from riverline.errors import Invalid
from riverline.parsing.html.links import absolute
from riverline.parsing.url import canonical

ABSOLUTE = re.compile(r"\s*(?:https?://|/)", re.IGNORECASE)  # `null`, `page.html` and `site.example/page` are no hint
LEFTOVER = re.compile(r"[{}<>]|/:\w|\[object|^[^?]*\[|%s\b|%[A-Z_]{3,}%|__\w+__|@@|##|/\$\w|\(not set\)|[^:]/https?:/")
# Not those for one reader or medium.
CANONICAL = "head link[rel~=canonical i][href]:not([hreflang]):not([lang]):not([media]):not([type])"
OPEN_GRAPH = "head meta[property='og:url' i][content],head meta[name='og:url' i][content]"
PARTS = re.compile(r"[/?&=]")
NO_WORDS = frozenset({"null", "undefined", "nan", "none", "nil", "false", "true", "n/a", "#n/a"})


def canonical_hint(tree: LexborHTMLParser, url: str) -> str:
    """The key that the head of a page names by `rel=canonical`, else by `og:url`; "" where it names none that could be
    meant: on another origin, left over from a template, or several. The home page is no hint for any other page."""
    for selector, attribute in ((CANONICAL, "href"), (OPEN_GRAPH, "content")):
        named = {element.attributes.get(attribute) or "" for element in tree.css(selector)}
        hints = {_hint(href, url) for href in named}
        if len(hints) == 1 and (hint := hints.pop()):
            return hint
    return ""


def _hint(href: str, url: str) -> str:
    if not ABSOLUTE.match(href) or LEFTOVER.search(unquote(href)):
        return ""
    address = absolute(href, url)
    if not address or _origin(address) != _origin(url) or _is_home(address) > _is_home(url):
        return ""
    if any(part.partition(".")[0].lower() in NO_WORDS for part in PARTS.split(address)[3:]):
        return ""
    try:
        return canonical(address)
    except Invalid:
        return ""


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
