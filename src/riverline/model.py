"""The nouns of the system, one frozen class a stage: Target -> Page -> Document, and the Fate of every page.

Times are milliseconds since 1970 in UTC (`int`, a name that ends in `_at`); texts are Unicode; bodies are bytes.
`packed()` and `unpacked()` are the form in which a noun travels between processes: one MessagePack blob, which Storm's
JVM copies without looking into it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

import msgpack


class Packed:
    """A frozen dataclass of plain values that can be packed into MessagePack and back."""

    def packed(self) -> bytes:
        return msgpack.packb({name: getattr(self, name) for name in self.names()}, default=_plain)  # type: ignore[no-any-return]

    @classmethod
    def unpacked(cls, blob: bytes) -> Self:
        return cls(**msgpack.unpackb(blob, use_list=False))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(f.name for f in fields(cls))  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    return asdict(value)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record stands in Kafka. `str(origin)` is the id of its fate: `topic-partition-offset`."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}-{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Origin:
        """The inverse of `str`; topics may hold dashes themselves. Raises ValueError."""
        topic, partition, offset = text.rsplit("-", 2)
        return cls(topic, int(partition), int(offset))


@dataclass(frozen=True, slots=True)
class Page(Packed):
    """A fetched answer, as it stands in a `crawl.<host>` topic: the body byte for byte, the rest as record headers."""

    url: str  # as fetched, after redirects
    key: str  # the canonical URL: the record's key
    body: bytes
    status: int = 200
    content_type: str = ""  # of the HTTP header, without parameters
    charset: str = ""  # of the HTTP header
    fetched_at: int = 0
    target: str = ""
    keywords: tuple[str, ...] = ()
    etag: str = ""
    last_modified: str = ""
    depth: int = 0
    note: str = ""  # why the body is empty though the status is 200: `too_large`
    replay_of: str = ""  # the record that this one repeats: it is processed again though nothing has changed


@dataclass(frozen=True, slots=True)
class Parsed(Packed):
    """What the page itself says: found by parsing, nothing concluded yet."""

    url: str  # the canonical URL: the page's own where it names one on the same host
    title: str = ""
    summary: str = ""
    text: str = ""  # the main text
    kind: str = "article"  # article, feed, sitemap, list, video, text, pdf
    author: str = ""
    image: str = ""
    site_name: str = ""
    language: str = ""  # as declared, BCP 47
    region: str = ""  # as declared, ISO 3166 upper case
    published: str = ""  # as the page gives it, ISO 8601 with an offset where one was given
    modified: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()  # of a feed, a sitemap, a list of videos; those of pages the crawler reads
    noindex: bool = False
    seconds: int = 0  # a video's length
    views: int = 0  # a video's, as its site counts them


@dataclass(frozen=True, slots=True)
class Document(Packed):
    """What is searchable. The index's fields are these, but for `url_id`, which is its `_id`."""

    url: str
    site: str  # the host in lower case without `www.`
    title: str
    summary: str
    body: str
    content_type: str  # article, video, post, feed, ...
    crawled_at: int  # also the external version
    created_at: int | None = None  # published; never in the future
    updated_at: int | None = None
    locale: str = "und"  # BCP 47: ko-KR
    tags: tuple[str, ...] = ()
    author: str = ""
    image: str = ""
    text_digest: str = ""  # of the main text; equal texts share it
    page_digest: str = ""  # of the URL and the body; an unchanged page keeps it
    group: str = ""  # near-duplicates share it
    signature: str = ""  # of the main text, to find near-duplicates by: parsing/near_duplicates.py
    source: str = "crawl"  # crawl, post
    origin: str = ""  # the record it was made from: a replay of that record is no duplicate
    seconds: int = 0  # a video's length
    views: int = 0  # a video's, as its site counts them
    site_name: str = ""  # as the page gives it


@dataclass(frozen=True, slots=True)
class Fate(Packed):
    """How a record ended. `outcome` is one of indexed, duplicate, filtered, dead; filtered and dead have a reason."""

    origin: str
    outcome: str
    url: str  # the record's key: the URL that was fetched, canonicalised
    reason: str = ""
    stage: str = ""
    error: str = ""
    of: str = ""  # where the index holds it, if under another URL: a duplicate's, or the page's own canonical one
    text_digest: str = ""  # of a duplicate's text, where that is what another document holds
    attempts: int = 1
    revision: int = 1  # 2: a correction, which replaces the first
    at: int = 0  # the record's timestamp, so that a replay files it under the same day
    traceback: str = ""  # of of a dead one: where in the code it failed
    fetched_at: int = 0  # the page: a replay is a newer record of it, and says nothing newer

    @property
    def name(self) -> str:
        return f"{self.outcome}:{self.reason}" if self.reason else self.outcome

    @property
    def version(self) -> int:
        """Which fate of a place stays: that of the later record, where a topic was created again, and then that of the
        later revision."""
        return self.at * 8 + self.revision


@dataclass(frozen=True, slots=True)
class Search(Packed):
    """A search that was made, and its result."""

    keyword: str
    locale: str
    created_at: int
    hits: int
    took_ms: int
    request_id: str
    meant: str = ""  # as it may be suggested to others: `search/popular.py`; empty where it may not
    person: str = ""  # an anonymous hash of who searched; empty for bots
    corrected: bool = False  # another spelling was searched for in its place
    filtered: bool = False  # filters were set: that nothing was found may be theirs


@dataclass(frozen=True, slots=True)
class Target:
    """What to crawl, and how gently."""

    name: str
    kind: str = "site"  # site, sitemap, feed, search, youtube
    start_urls: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()  # empty: the hosts of start_urls
    allowed_paths: tuple[str, ...] = ()  # beginnings of paths; empty: all
    rate: float = 1.0  # requests a second and host
    concurrency: int = 4  # requests in flight a host
    max_pages: int = 10_000
    depth: int = 20
    interval: int = 86_400  # seconds between two rounds
    priority: int = 0  # the higher one first
    proxy: str = ""  # http://host:port; empty: the setting crawl.proxy
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class User:
    id: int
    email: str
    name: str
    influencer: bool = False
    created_at: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    id: int
    user_id: int
    contents: str
    user_name: str = ""
    tags: tuple[str, ...] = field(default=())
    locale: str = "ko-KR"
    created_at: int = 0
