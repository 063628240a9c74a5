"""From an HTTP answer to a page: which types are read, what is noted, how packed sitemaps are opened. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

from riverline.model import Page, Target

READ = (
    "text/html", "application/xhtml+xml", "text/xml", "application/xml", "text/plain", "text/markdown",
    "application/json", "application/pdf", "application/x-pdf", "application/octet-stream",
)  # fmt: skip
PACKED = ("application/gzip", "application/x-gzip")
GZIP_MAGIC = b"\x1f\x8b"
TEXT_CONTROLS = b"\t\n\f\r\x1b\x0e\x0f"  # the last three switch character sets in ISO 2022

Header = Callable[[str], str]  # the value of a header by its name, "" where there is none


def media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def charset(content_type: str) -> str:
    """The charset parameter of a Content-Type header, "" where there is none."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")[:40]
    return ""


def is_read(content_type: str) -> bool:
    """Whether pages of a type are fetched. Nothing declared is fetched and looked at."""
    kind = media_type(content_type)
    return not kind or kind in READ or kind in PACKED or kind.endswith("+xml")


def is_binary(body: bytes) -> bool:
    """Whether a body is no text of any charset, by its control characters; PDF, gzip and UTF-16 are no such body."""
    start = body[:1024]
    if start.startswith((b"%PDF-", b"\xff\xfe", b"\xfe\xff", GZIP_MAGIC)):
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


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with status 200. `too_large`: its body was cut off, for its size, before or after unpacking."""

    url: str
    key: str
    body: bytes
    header: Header
    fetched_at: int  # ms
    too_large: bool = False


def page_of(answer: Answer, target: Target, depth: int, limit: int) -> Page | None:
    """The page of an answer; None for one of a type that is not read.

    A body of more than `limit` bytes is left out and noted; that its headers forbid to index it is noted too.
    """
    declared = answer.header("content-type")
    kind, body = media_type(declared), b"" if answer.too_large else answer.body
    if not is_read(declared):
        return None
    if body.startswith(GZIP_MAGIC):
        kind, body = "application/xml", unpacked(body, limit) or b""
        if not body.lstrip()[:100].startswith(b"<"):
            return None
    if is_binary(body):
        return None
    noindex = forbids(answer.header("x-robots-tag"), "noindex")
    return Page(
        url=answer.url,
        key=answer.key,
        body=body,
        content_type=kind,
        charset=charset(declared),
        fetched_at=answer.fetched_at,
        target=target.name,
        keywords=target.keywords,
        etag=answer.header("etag")[:200],
        last_modified=answer.header("last-modified")[:100],
        depth=depth,
        note="too_large" if answer.too_large else "noindex" if noindex else "",
    )


def forbids(directives: str, what: str) -> bool:
    """Whether robots directives of a header or a meta element, for all crawlers, hold `what` or `none`.

    `X-Robots-Tag: otherbot: noindex` is for another crawler and says nothing here.
    """
    for part in directives.lower().split(","):
        agent, colon, directive = part.rpartition(":")
        if directive.strip() in (what, "none") and (not colon or agent.strip() in ("robots", "*")):
            return True
    return False
