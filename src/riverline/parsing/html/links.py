"""The links of a page: absolute, http(s), each once, without those that the page asks not to follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from riverline.errors import Invalid
from riverline.parsing.html.named import Named
from riverline.parsing.limits import MAX_LINKS
from riverline.parsing.url import joined

LONGEST = 2_000  # characters of an address
ELSEWHERE = ("mailto:", "javascript:", "tel:", "data:", "#")  # most of the links that lead to no page
SEPARATOR = re.compile(r"[\s,;|/\"]+")  # HTML parts them by spaces; who writes a comma means the same
REFRESH = re.compile(r"\s*([0-9]{1,9}|(?=\.))[0-9.]*(?:\s*[;,]\s*|\s+)(?:url\s*=\s*)?(.*)", re.IGNORECASE | re.DOTALL)
AS_IT_IS = "!$%&()*+,-./:;=?@[\\]^_`{|}~"  # in a query, of a character of several bytes (URL Standard, 1.3)
AT_ONCE = 5  # seconds: a page that sends its reader on so soon is not there to be read
UNICODE = ("utf", "ucs")  # the beginnings of charsets whose pages write queries in UTF-8


def links(tree: LexborHTMLParser, base: str, charset: str = "") -> tuple[str, ...]:
    """The addresses of a page's `a` and `area` elements and frames, in order, without fragments.

    `charset` is the page's, in which its queries are written (URL Standard, 4.3); none: UTF-8.
    """
    found: dict[str, None] = {}
    for href in dict.fromkeys(_hrefs(tree)):
        if address := absolute(href, base, charset):
            found[address] = None
            if len(found) >= MAX_LINKS:
                break
    return tuple(found)


def absolute(href: str, base: str, charset: str = "") -> str:
    """An address as browsers ask for it, without its fragment; "" for one that is not http(s)."""
    href = href.strip()
    if not href or len(href) > LONGEST or href.lower().startswith(ELSEWHERE):
        return ""
    try:
        return joined(base, _in_charset(href, charset))
    except Invalid:
        return ""


def base_of(named: Named, url: str) -> str:
    """What the relative addresses of a page start from."""
    bases = (element.attributes for element in named.of("base"))
    # The first of the document, wherever it stands (HTML Standard, 2.4.3).
    href = next((attributes["href"] for attributes in bases if "href" in attributes), "")
    return absolute(href or "", url) or url


@dataclass(frozen=True, slots=True)
class Refresh:
    """Where a page sends its reader, and after how many seconds."""

    url: str
    seconds: int


def refresh_of(named: Named, url: str, base: str, charset: str = "") -> Refresh | None:
    """What a page's `meta http-equiv=refresh` says (HTML Standard, 4.2.5.3); None where it only loads itself anew, and
    for what is meant for browsers without scripts."""
    for meta in named.of("meta"):
        attributes = meta.attributes
        if (attributes.get("http-equiv") or "").lower() != "refresh":
            continue
        found = refresh_in(attributes.get("content") or "", url, base, charset)
        if found and not _is_within(meta, "noscript"):
            return found
    return None


def refresh_in(content: str, url: str, base: str = "", charset: str = "") -> Refresh | None:
    """The same of what such an element, or a `Refresh` header, holds."""
    if not (found := REFRESH.match(content)):
        return None
    to = absolute(_unquoted(found[2]), base or url, charset)
    return Refresh(to, int(found[1] or 0)) if to and to != url else None


def _hrefs(tree: LexborHTMLParser) -> Iterator[str]:
    for element in tree.css("a[href],area[href],frame[src]"):
        attributes = element.attributes
        if "nofollow" not in SEPARATOR.split((attributes.get("rel") or "").lower()):
            yield attributes.get("href") or attributes.get("src") or ""


def _unquoted(text: str) -> str:
    """What stands in the first pair of quotes, if the address is in quotes."""
    text = text.strip()
    return text[1:].partition(text[0])[0] if text[:1] in ('"', "'") else text


def _is_within(element: LexborNode, tag: str) -> bool:
    parent = element.parent
    while parent is not None:
        if parent.tag == tag:
            return True
        parent = parent.parent
    return False


def _in_charset(href: str, charset: str) -> str:
    """An address whose query is escaped as a page of that charset sends it; what it lacks is sent as `&#9731;`."""
    place, question, rest = href.partition("?")
    if not question or rest.isascii() or not charset or charset.lower().startswith(UNICODE):
        return href
    query, mark, fragment = rest.partition("#")
    try:
        written = "".join(_escaped(character, charset) for character in query)
    except LookupError:
        return href
    return f"{place}?{written}{mark}{fragment}"


def _escaped(character: str, charset: str) -> str:
    if character.isascii():
        return character
    try:
        return quote(character.encode(charset), safe=AS_IT_IS)
    except UnicodeEncodeError:
        return f"%26%23{ord(character)}%3B"
