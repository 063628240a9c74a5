"""From a page to what it says: the parser is chosen by the data's type, and within HTML by the site."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

from riverline.errors import Invalid
from riverline.model import Page, Parsed

from .feeds import parse_feed, parse_sitemap
from .html import parse_html
from .limits import MAX_BYTES
from .pdf import parse_pdf
from .plain import parse_plain
from .video import parse_video

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
GZIP = b"\x1f\x8b"
SNIFFED = 2_048  # bytes


def parse(page: Page) -> Parsed:
    """What a page says. Raises Invalid, with a short reason, for what cannot be parsed and never will be."""
    if len(page.body) > MAX_BYTES:
        raise Invalid(f"the body is longer than {MAX_BYTES} bytes", reason="too_large")
    if page.body.startswith(GZIP):
        page = replace(page, body=unpacked(page.body), content_type="")
    if not page.body.strip():
        raise Invalid("the body is empty", reason="empty")
    try:
        return PARSERS[data_type(page)](page)
    except (RecursionError, MemoryError) as error:
        raise Invalid(f"the page is built too deep or too large to be parsed: {error}", reason="too_deep") from error


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
    start = page.body[:SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"%pdf-"):
        return "pdf"
    declared = page.content_type.partition(";")[0].strip().lower()
    if start.startswith(b"<?xml") or declared.endswith("xml"):
        places = [(place, kind) for mark, kind in XML_ROOTS if (place := start.find(mark)) >= 0]
        if places:
            return min(places)[1]
    if found := TYPES.get(declared):
        return "html" if found == "plain" and start.startswith((b"<!doctype html", b"<html")) else found
    if not declared or declared == "application/octet-stream":
        return _guessed(start)
    raise Invalid(f"no parser reads {declared or 'this type'}", reason="unsupported_type")


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
    return "plain" if b"<p" not in start and b"<div" not in start else "html"
