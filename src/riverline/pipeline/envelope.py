"""A page on its way through the topology, its body packed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from riverline.errors import Invalid
from riverline.model import Packed, Page
from riverline.parsing.fingerprint import page_digest
from riverline.pipeline.body_encoding import packed_body, unpacked_body


@dataclass(frozen=True, slots=True)
class SealedPage:
    """A page whose body is packed. One without a body, or with white space alone, is all in `headers`: then `body` and
    `digest` are empty."""

    headers: Page
    body: bytes = b""
    digest: str = ""  # `page_digest` of the whole page, as whoever packed the body made it

    @classmethod
    def of(cls, page: Page) -> Self:
        if not page.body.strip():
            return cls(page)
        return cls(replace(page, body=b""), packed_body(page.body), page_digest(page.key, page.body))

    @property
    def page(self) -> Page:
        """All of it. Raises Invalid: `too_large`, or `bad_record` also where the digest is not the body's."""
        if not self.body:
            return self.headers
        body = unpacked_body(self.body)
        if page_digest(self.headers.key, body) != self.digest:
            raise Invalid("the digest of the record is not that of its body", "bad_record")
        return replace(self.headers, body=body)


@dataclass(frozen=True, slots=True)
class Envelope(Packed):
    """A sealed page with where it came from: which record, and which attempt this is (from 1)."""

    origin: str
    at: int  # the record's timestamp: the day its fate is filed under
    attempt: int
    key: str  # the record's
    outline: bytes  # the page's headers, packed: every hop through Storm copies them four times
    body: bytes = b""  # packed
    digest: str = ""  # of the page
    clock: str = ""  # whose clock `sent_at` was read from; empty: its age is not measured
    sent_at: float = 0.0  # seconds, monotonic
    redelivered: bool = False  # it was sent before: its fate may be written already
    fetched_at: int = 0  # the page's

    @classmethod
    def of(cls, sealed: SealedPage, origin: str, at: int, attempt: int) -> Self:
        page = sealed.headers
        return cls(
            origin, at, attempt, page.key, page.packed(), sealed.body, sealed.digest, fetched_at=page.fetched_at
        )  # fmt: skip

    def sent(self, clock: str, sent_at: float, redelivered: bool) -> Self:
        """The same, as one copy that goes out now."""
        return replace(self, clock=clock, sent_at=sent_at, redelivered=redelivered)

    @property
    def headers(self) -> Page:
        """The page without its body, if it has one."""
        return Page.unpacked(self.outline)

    @property
    def page(self) -> Page:
        """All of the page. Raises Invalid: see `SealedPage.page`."""
        return SealedPage(self.headers, self.body, self.digest).page

    def without_body(self) -> Self:
        """The same without the page's body, when that is no longer needed."""
        return replace(self, body=b"")
