"""The links of a page: absolute, http(s), each once, without those that the page asks not to follow."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from .limits import MAX_LINKS

LONGEST = 2_000  # characters of an address


def links(tree: LexborHTMLParser, base: str) -> tuple[str, ...]:
    """The addresses of a page's `a` and `area` elements, in order, without fragments."""
    parts = urlsplit(base)
    origin = f"{parts.scheme}://{parts.netloc}"
    found: dict[str, None] = {}
    for element in tree.css("a[href]:not([rel~=nofollow]),area[href]:not([rel~=nofollow])"):
        address = absolute(element.attributes.get("href") or "", base, origin)
        if address:
            found[address] = None
            if len(found) >= MAX_LINKS:
                break
    return tuple(found)


def absolute(href: str, base: str, origin: str) -> str:
    """The address without its fragment, "" for one that is not http(s); the common forms without a full parse."""
    href = href.strip().partition("#")[0]
    if not href or len(href) > LONGEST:
        return ""
    if href.startswith(("http://", "https://")):
        return href
    if href[0] == "/" and href[1:2] != "/" and "/." not in href:
        return origin + href
    try:
        joined = urljoin(base, href)
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""
