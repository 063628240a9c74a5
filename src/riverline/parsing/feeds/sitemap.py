"""Sitemaps and sitemap indexes, in XML or as plain lists of addresses (sitemaps.org, protocol)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lxml import etree

from riverline.errors import Invalid
from riverline.model import Page, Parsed
from riverline.parsing.charset.decoding import decoded
from riverline.parsing.html.links import absolute
from riverline.parsing.limits import MAX_SITEMAP_LINKS

PROLOG = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
HOLDERS = ("url", "sitemap")  # what is located in other elements are pictures and films
# In a file with errors: comments, pictures and films, and what is located, with the prefix of its name.
MARK = re.compile(
    r"<!--|-->|<(/?)(?:\w{1,20}:)?(?:image|video)\b[^<>]{0,400}(?<!/)>"
    r"|<(?:(\w{1,20}):)?loc\b[^<>]{0,200}>\s*(?:<!\[CDATA\[)?([^<>]{1,4000}?)(?:\]\]>)?\s*</",
    re.IGNORECASE,
)
NO_PAGES = ("image", "video")
ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
SAMPLE = 2_048  # bytes that tell whether a file is a list of addresses
LIST_SAMPLE = 50  # lines that are looked at
MOSTLY = 0.75  # share of lines that are addresses from which on a text is a list of them


def parse_sitemap(page: Page) -> Parsed:
    """The addresses of a sitemap as links. Raises Invalid for XML that holds no element."""
    text = decoded(page.body, page.charset)
    found = _lines(text) if is_address_list(text) else _of_xml(text)
    links = dict.fromkeys(link for address in found if ADDRESS.match(address) and (link := absolute(address, page.url)))
    return Parsed(url=page.key or page.url, kind="sitemap", links=tuple(links)[:MAX_SITEMAP_LINKS])


def is_address_list(text: str) -> bool:
    """Whether a text is addresses, one a line, and hardly anything else."""
    lines = _lines(text, LIST_SAMPLE)
    return bool(lines) and sum(ADDRESS.fullmatch(line) is not None for line in lines) >= MOSTLY * len(lines)


def begins_address_list(body: bytes) -> bool:
    """The same of a body, by its first bytes; a line that may be cut there is not looked at."""
    start = body[:SAMPLE].replace(b"\r", b"\n")
    if len(body) >= SAMPLE // 2:
        start = start.rpartition(b"\n")[0]
    return is_address_list(start.decode("latin-1").removeprefix("\xef\xbb\xbf"))


def _lines(text: str, most: int = -1) -> list[str]:
    """The lines that hold something, of the first `most`."""
    lines = text.replace("\r", "\n").split("\n", most)[: most if most > 0 else None]
    return [line for written in lines if (line := written.strip())]


def _of_xml(text: str) -> list[str]:
    """The addresses of pages and of further sitemaps. Of a file with an error the text is asked: a reader that mends
    markup loses what stands beside the error."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        recover=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(PROLOG.sub("", text, count=1).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        root, broken = None, str(error)
    else:
        broken = str(parser.error_log) if len(parser.error_log) else ""
    if root is not None and not broken:
        return [(element.text or "").strip() for element in root.iter() if _is_place(element)]
    found = list(_located(text))
    if root is None and not found:
        raise Invalid(f"the XML cannot be read: {broken or 'it holds no element'}", reason="broken_xml")
    return found


def _located(text: str) -> Iterator[str]:
    """What a file with errors locates, outside of comments, pictures and films."""
    last_comment, commented, pictured = text.rfind("-->"), False, False
    for mark in MARK.finditer(text):
        if mark[0] in ("<!--", "-->"):
            commented = mark[0] == "<!--" and mark.start() < last_comment
        elif commented:
            continue
        elif mark[3] is None:
            pictured = not mark[1]
        elif not pictured and (mark[2] or "").lower() not in NO_PAGES:
            yield html.unescape(mark[3]).strip()


def _is_place(element: etree._Element) -> bool:
    parent = element.getparent()
    return _name(element) == "loc" and parent is not None and _name(parent) in HOLDERS


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
