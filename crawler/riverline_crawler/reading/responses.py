"""From an HTTP answer to a page: which types are read, what is noted, how packed sitemaps are opened. Pure."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from riverline.errors import Invalid
from riverline.model import Page, Target
from riverline.parsing.charset.decoding import UNMARKED, decoded
from riverline.parsing.charset.media_type import charset, is_read, media_type
from riverline.parsing.feeds.sitemap import begins_address_list
from riverline.parsing.html.named import Named
from riverline.parsing.html.page import parsed_tree
from riverline.parsing.html.robots_directives import Directives, of_metas

GZIP_MAGIC = b"\x1f\x8b"
EXPIRY_MARK = re.compile(rb"<meta[^<>]{0,500}unavailable_after", re.IGNORECASE)
TEXT_CONTROLS = b"\t\n\f\r\x1b\x0e\x0f"  # the last three switch character sets in ISO 2022

Header = Callable[[str], str]  # the value of a header by its name, "" where there is none


def is_binary(body: bytes) -> bool:
    """Whether a body is no text of any charset, by its control characters; PDF, gzip and UTF-16 are no such body."""
    start = body[:1024]
    if start.startswith((b"%PDF-", b"\xff\xfe", b"\xfe\xff", GZIP_MAGIC)) or UNMARKED.match(start):
        return False
    controls = sum(byte < 32 and byte not in TEXT_CONTROLS for byte in start)
    return controls * 50 > len(start)


def unpacked(body: bytes, limit: int) -> bytes | None:
    """The contents of a gzip file, at most `limit` bytes; None for a broken or a longer one."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        contents = inflater.decompress(body, limit + 1)
    except zlib.error:
        return None
    return contents if inflater.eof and len(contents) <= limit else None


def address_text(value: bytes) -> str:
    """An address in a header, which is in UTF-8 where it is not escaped; bytes of another charset are asked for as they
    are."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in value)


@dataclass(frozen=True, slots=True)
class FetchedResponse:
    """An answer with status 200. `too_large`: its body was cut off, for its size, before or after unpacking."""

    url: str
    key: str
    body: bytes
    header: Header
    fetched_at: int  # ms
    too_large: bool = False
    robots: Directives = field(default_factory=Directives)  # of its headers


def page_of(answer: FetchedResponse, target: Target, depth: int, limit: int) -> Page | None:
    """The page of an answer; None for one of a type that is not read.

    A body of more than `limit` bytes is left out and noted; that its headers forbid to index it is noted too.
    """
    declared = answer.header("content-type")
    kind, body = media_type(declared), b"" if answer.too_large else answer.body
    if not is_read(declared):
        return None
    if body.startswith(GZIP_MAGIC):
        kind, body = "application/xml", unpacked(body, limit) or b""
        if not body[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and not begins_address_list(body):
            return None
    if is_binary(body):
        return None
    robots = answer.robots | _of_body(body, declared)
    noindex = answer.robots.forbids_indexing(answer.fetched_at) or _is_over(robots, answer.fetched_at)
    # A page that says when it ends is read in full each time: that it did not change says nothing of the date.
    kept = not robots.unavailable_after
    return Page(
        url=answer.url,
        key=answer.key,
        body=body,
        content_type=kind,
        charset=charset(declared),
        fetched_at=answer.fetched_at,
        target=target.name,
        keywords=target.keywords,
        etag=answer.header("etag")[:200] if kept else "",
        last_modified=answer.header("last-modified")[:100] if kept else "",
        depth=depth,
        note="too_large" if answer.too_large else "noindex" if noindex else "",
    )


def _of_body(body: bytes, declared: str) -> Directives:
    """What the meta elements of a page say that speaks of its end; of others nothing, which are read later."""
    if EXPIRY_MARK.search(body) is None:
        return Directives()
    try:
        return of_metas(Named(parsed_tree(decoded(body, charset(declared)))))
    except Invalid:
        return Directives()


def _is_over(robots: Directives, now_ms: int) -> bool:
    return bool(robots.unavailable_after) and now_ms >= robots.unavailable_after
