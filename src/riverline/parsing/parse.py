"""From a page to what it says: the parser is chosen by the data's type, and within HTML by the site."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import replace

from riverline.errors import Invalid
from riverline.model import Page, Parsed
from riverline.parsing.charset.decoding import UNMARKED
from riverline.parsing.charset.media_type import is_read, media_type
from riverline.parsing.feeds.feed import parse_feed
from riverline.parsing.feeds.sitemap import begins_address_list, parse_sitemap
from riverline.parsing.formats.pdf import parse_pdf
from riverline.parsing.formats.text_file import parse_plain
from riverline.parsing.formats.video import parse_video
from riverline.parsing.html.metadata import distinct
from riverline.parsing.html.page import parse_html
from riverline.parsing.language.normalization import visible
from riverline.parsing.limits import MAX_BYTES

Parser = Callable[[Page], Parsed]

PARSERS: dict[str, Parser] = {
    "html": parse_html,
    "feed": parse_feed,
    "sitemap": parse_sitemap,
    "video": parse_video,
    "plain": parse_plain,
    "pdf": parse_pdf,
}
TYPES = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/rdf+xml": "feed",
    "application/json": "video",
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "text/plain": "plain",
    "text/markdown": "plain",
}
XML_ROOTS = (
    (b"<rss", "feed"),
    (b"<feed", "feed"),
    (b"<rdf:rdf", "feed"),
    (b"<urlset", "sitemap"),
    (b"<sitemapindex", "sitemap"),
    (b"<html", "html"),
)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # byte order marks
GZIP = b"\x1f\x8b"
SNIFFED = 2_048  # bytes
SNIFFED_FURTHER = 65_536  # bytes in which a root is looked for behind what is no page: warnings, a long comment
UNSURE = ("", "text/html", "application/xhtml+xml", "text/xml", "application/xml")  # what servers say of anything
# Roots in first place, whatever the header says: comments, instructions and document types may stand before them.
BEGINS = re.compile(
    rb"(?>\s+|<!--.*?-->|<\?.*?\?>|<!doctype\s[^<>\[]*(?>\[.*?\]\s*)?>)*+<(?>[\w.-]+:)?(rss|feed|rdf|urlset|sitemapindex)[\s>]",
    re.S,
)
# Roots behind what a server wrote in front of them, such as a warning: the root of a feed says what it is.
BEHIND = re.compile(rb"<(?>[\w.-]+:)?(rss|feed|rdf|urlset|sitemapindex)\s[^<>]*(?:version|xmlns)")
ROOT = re.compile(rb"[<:](?:rss|feed|rdf|urlset|sitemapindex)\s")
LISTS = (b"urlset", b"sitemapindex")
PAGE = re.compile(rb"<!doctype html|<(?:html|head|body|title|pre|code|textarea)\b")


def parse(page: Page) -> Parsed:
    """What a page says. Raises Invalid, with a short reason, for what cannot be parsed and never will be."""
    if len(page.body) > MAX_BYTES:
        raise Invalid(f"the body is longer than {MAX_BYTES} bytes", reason="too_large")
    if page.body.startswith(GZIP):
        page = replace(page, body=unpacked(page.body), content_type="")
    if not page.body or page.body.isspace():
        raise Invalid("the body is empty", reason="empty")
    try:
        return _visible(PARSERS[data_type(page)](page))
    except (RecursionError, MemoryError) as error:
        raise Invalid(f"the page is built too deep or too large to be parsed: {error}", reason="too_deep") from error


def _visible(parsed: Parsed) -> Parsed:
    """A page's texts as they are found: composed, without what nobody sees."""
    return replace(
        parsed,
        title=_line(parsed.title),
        summary=_line(parsed.summary),
        text=visible(parsed.text),
        author=_line(parsed.author),
        site_name=_line(parsed.site_name),
        tags=tuple(distinct(map(visible, parsed.tags))),
    )


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def unpacked(body: bytes) -> bytes:
    """What a gzip file holds, such as a sitemap.xml.gz. Raises Invalid for a broken one and for more than MAX_BYTES."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise Invalid(f"the gzip file cannot be read: {error}", reason="broken_gzip") from error
    if unpacker.unconsumed_tail:
        raise Invalid(f"the gzip file holds more than {MAX_BYTES} bytes", reason="too_large")
    return content


def data_type(page: Page) -> str:
    """Which parser a page takes: by its first bytes where they tell, else by its declared type. Raises Invalid."""
    start = _start(page.body)
    if start.startswith(b"%pdf-"):
        return "pdf"
    declared = media_type(page.content_type)
    if begins := BEGINS.match(start):
        return "sitemap" if begins[1] in LISTS else "feed"
    if start.startswith(b"<?xml") or declared.endswith("xml"):
        places = [(place, kind) for mark, kind in XML_ROOTS if (place := start.find(mark)) >= 0]
        if places:
            return min(places)[1]
    if declared in UNSURE and (hidden := _behind(page.body, start)):
        return hidden
    if found := TYPES.get(declared):
        return _plain(start) if found == "plain" or _is_list(start) else found
    if is_read(page.content_type):
        return _guessed(start)
    raise Invalid(f"no parser for {declared or 'this type'}", reason="unsupported_type")


def _behind(body: bytes, start: bytes) -> str:
    """What a body is by a root behind what a server wrote in front of it, "" where a page comes first or no root."""
    if not PAGE.search(start) and len(body) > SNIFFED:
        start = _start(body, SNIFFED_FURTHER)
    behind = BEHIND.search(start) if ROOT.search(start) else None
    if not behind or PAGE.search(start, 0, behind.start()):
        return ""
    return "sitemap" if behind[1] in LISTS else "feed"


def _start(body: bytes, size: int = SNIFFED) -> bytes:
    """The first bytes of a body, in small letters, without a byte order mark; of UTF-16 as if they were ASCII."""
    start = body[:size]
    if start.startswith(UTF_16) or UNMARKED.match(start):
        start = start.removeprefix(UTF_16[0]).removeprefix(UTF_16[1]).replace(b"\x00", b"")
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def _plain(start: bytes) -> str:
    """What a text file is: HTML under another name, a list of addresses, or text."""
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "sitemap" if _is_list(start) else "plain"


def _is_list(start: bytes) -> bool:
    return b"<" not in start and b"http" in start and begins_address_list(start)


def _guessed(start: bytes) -> str:
    for mark, kind in XML_ROOTS:
        if start.startswith(mark):
            return kind
    if start.startswith(b"<") or b"<html" in start or b"<body" in start:
        return "html"
    if start.startswith(b"{"):
        return "video"
    if b"\x00" in start:
        raise Invalid("the body is binary data of no known type", reason="unsupported_type")
    return _plain(start) if b"<p" not in start and b"<div" not in start else "html"
