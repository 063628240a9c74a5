"""What the rest of the system may ask of a store. Each contract has two forms, the real server and an in-memory twin
(`stores/memory.py`), and one suite in tests/contract that both pass.

All of them raise Transient when the server is away or busy, and Invalid when what was given is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from riverline.model import Document, Fate, Origin, Page, Search
from riverline.search.cursor import Position
from riverline.search.query import Query
from riverline.search.results import Results
from riverline.search.statistics import DocumentStatistics, SearchStatistics, Span
from riverline.search.typed import Suggestion
from riverline.stages import StageState


class Outcome(Enum):
    """What became of one item of a bulk."""

    WRITTEN = "written"
    STALE = "stale"  # a newer version stands there already (documents), or one was written before (fates)
    BUSY = "busy"  # refused for load: the same item may be sent again
    INVALID = "invalid"  # the server will never take it


@dataclass(frozen=True, slots=True)
class Written:
    outcome: Outcome
    error: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the index knows of a URL."""

    page_digest: str
    origin: str


@dataclass(frozen=True, slots=True)
class FateQuery:
    """Which fates. Empty fields do not restrict; `after` is the `next` of the page before."""

    url: str = ""
    topic: str = ""
    outcome: str = ""
    reason: str = ""
    limit: int = 50
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Fates:
    """One page of fates. `counts`: all that match, by name (`indexed`, `filtered:robots`, ...)."""

    items: tuple[Fate, ...]
    total: int
    counts: Mapping[str, int]
    next: Position | None = None


@dataclass(frozen=True, slots=True)
class Kin:
    """A document that may say almost the same: the group that it stands in, and what to compare."""

    url: str
    cluster: str
    signature: str


class Index(Protocol):
    """Documents and fates in the search index."""

    def write(self, documents: Sequence[Document], fates: Sequence[Fate]) -> list[Written]:
        """One bulk. The answers stand in the order of the documents, then the fates.

        A document's version is its `crawled_at`, compared with greater-or-equal; its click count is kept. The first
        fate of a record and revision stays: a second one is STALE, a later revision replaces it. Raises Transient when
        no answer came; then anything may have been written.
        """

    def delete(self, urls: Sequence[str], at_ms: int) -> None:
        """Removes documents as of that time: what was crawled later stays, and an earlier version that arrives within
        the next minute is STALE. URLs that are not there are no error."""

    def stored(self, urls: Sequence[str]) -> dict[str, Stored]:
        """What stands in the index now, in real time, for those of the URLs that it holds."""

    def holders(self, text_digests: Sequence[str]) -> dict[str, str]:
        """For each digest of a main text that the index holds, the URL of the oldest document that has it."""

    def kin(self, bands: Sequence[Sequence[str]]) -> list[list[Kin]]:
        """For each document's bands (text/near.py), some documents that share one; those that a search can see."""

    def refresh(self) -> None:
        """Makes all that was written visible to searches (tests and first crawls ask for it)."""

    def page_digests(self) -> Iterator[str]:
        """The digests of all pages that searches see now."""

    def text_digests(self) -> Iterator[str]:
        """The digests of all main texts that searches see now."""

    def search(self, query: Query, now_ms: int) -> Results:
        """One page of results; `now_ms` is what recency is measured from."""

    def explained(self, query: Query, results: Results, now_ms: int) -> list[dict[str, float]]:
        """For each result of a page ranked by relevance, what its score is made of, by the names of `ranking`; the
        parts add up to it. `now_ms`: what recency was measured from."""

    def fates(self, query: FateQuery) -> Fates:
        """One page of fates, the newest first."""

    def fated(self, ranges: Mapping[tuple[str, int], tuple[int, int]]) -> dict[tuple[str, int], int]:
        """For each topic and partition, how many records from the first offset up to, without, the second have a fate
        that a search can see."""

    def ensure_schema(self) -> None:
        """Creates or extends what must stand before the first write. May be repeated. Raises Fatal if it cannot be."""

    def drop_outdated_fates(self, now_ms: int) -> list[str]:
        """Forgets fates that are older than they are kept. Returns the names of what was dropped."""

    def record_search(self, *searches: Search) -> None:
        """Files searches that people made; the same request_id twice is one search."""

    def count_clicks(self, totals: Mapping[str, int]) -> None:
        """Raises the click counts of these URLs to their totals, where they are less; nothing else of a document
        changes, its version neither. URLs that are not there are no error. Raises Transient when a document was
        written meanwhile, again and again."""

    def suggestions(self, typed: str, locale: str, limit: int) -> list[Suggestion]:
        """Titles and tags that begin as typed (`search.typed.letters`), as far as searches see; those of documents
        that are clicked most first."""

    def popular(self, since_ms: int, locale: str, limit: int) -> list[tuple[str, int]]:
        """What was searched for since then and found, keyword and count, the most frequent first."""

    def spelled(self, text: str, absent_only: bool = False) -> str:
        """The text with words that more documents hold in the place of those that are nearly so; empty if none is
        better. `absent_only`: words that any document holds stay."""

    def document_statistics(self, span: Span) -> DocumentStatistics:
        """Of the documents that were fetched then, as far as searches see."""

    def search_statistics(self, span: Span) -> SearchStatistics:
        """Of the searches that were made then, as far as searches see."""

    def fruitless(self, since_ms: int, limit: int) -> list[tuple[str, int]]:
        """What was searched for since then and never found, as far as searches see: keyword and count, the most
        frequent first."""


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record that holds a page."""

    origin: Origin
    timestamp: int
    page: Page


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a record went to the dead letters."""

    origin: Origin
    stage: str
    error: str
    attempts: int
    failed_at: int


Done = Callable[[Exception | None], None]


class Raw(Protocol):
    """A record as a Kafka client hands it over; kafka-python's ConsumerRecord has these, among others."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Any


class PageLog(Protocol):
    """Pages in Kafka: one topic a site, and the dead letters."""

    def append(self, topic: str, page: Page, done: Done | None = None) -> None:
        """Queues a page. `done(None)` is called, on some thread, when the brokers have acknowledged it (acks=all);
        `done(error)` when it was given up. Topics are created on first need."""

    def bury(self, page: Page, failure: Failure, done: Done | None = None) -> None:
        """Queues a record of the dead letters, in the same way."""

    def bury_raw(self, record: Raw, failure: Failure, done: Done | None = None) -> None:
        """The same for a record that holds no page: key, value and headers as they came."""

    def flush(self, timeout: float = 30.0) -> None:
        """Waits until all that is queued is acknowledged. Raises Transient when it is not after `timeout` seconds."""

    def topics(self) -> list[str]:
        """The names of the crawl topics, sorted."""

    def ends(self, topics: Sequence[str]) -> Mapping[tuple[str, int], tuple[int, int]]:
        """First and next offset of every partition of the topics."""

    def committed(self, topics: Sequence[str]) -> Mapping[tuple[str, int], int]:
        """The offsets that the topology has committed."""

    def offsets_at(self, topics: Sequence[str], timestamp: int) -> Mapping[tuple[str, int], int]:
        """For every partition of the topics, the offset of the first record that was written at that time (ms) or
        later; the next offset where there is none."""

    def raw(self, topic: str, partition: int, start: int, stop: int) -> Iterator[Raw]:
        """The records of a partition from `start` up to, without, `stop`, as they came; gaps are skipped."""

    def read(self, topic: str, partition: int, start: int, stop: int) -> Iterator[Record]:
        """The records of a partition from `start` up to, without, `stop`; gaps are skipped."""

    def close(self) -> None: ...


class Clicks(Protocol):
    """Clicks on results: the truth, from which the counts in the index are made."""

    def add(self, request_id: str, url: str, position: int) -> bool:
        """If it is the first of that search on that URL. The position counts from 1."""

    def of(self, urls: Sequence[str]) -> dict[str, int]:
        """The clicks of those of the URLs that have some."""

    def totals(self, after: str, limit: int, within_seconds: int | None = None) -> dict[str, int]:
        """The clicks of the next URLs after that one, in an order of their own; of those alone that were clicked
        within so many seconds, if given."""

    def counted(self, since_ms: int, until_ms: int, interval_ms: int) -> dict[int, int]:
        """Clicks by the start of each interval that has some. Perhaps a moment old."""


class Scratch(Protocol):
    """Small values with an end, which may be forgotten sooner. Whoever uses it goes on without it."""

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values that are there."""

    def put(self, key: str, value: bytes, seconds: float) -> None: ...

    def put_new(self, key: str, value: bytes, seconds: float) -> bool:
        """Keeps it if nothing else is there. If it was so: of several callers with values of their own, one is told
        so."""

    def forget(self, key: str) -> None: ...

    def looked_up(self, key: str, claim: str, token: bytes, seconds: float) -> tuple[bytes | None, bool]:
        """What is kept, and as of `put_new` whether the caller's token is the claim now, made for so long."""

    def settle(self, key: str, value: bytes, seconds: float, claim: str) -> None:
        """Keeps it; then, not before, forgets the claim. Both keys are in one slot of the cluster."""

    def note(self, key: str, values: Mapping[str, bytes], seconds: float) -> None:
        """Adds values by name to those under the key, all of which end together, so long after the last was added."""

    def noted(self, key: str, names: Sequence[str]) -> list[bytes | None]:
        """What was noted under those names."""

    def counted(self, more: Mapping[str, int], window: int, seconds: int) -> list[tuple[int, int]]:
        """So many more of each name in this window. Returns the counts of the window before, and of this one; a count
        is kept for `seconds` after its last change."""


class Stages(Protocol):
    """What the topology's tasks say of themselves. All of it may be forgotten; callers go on without it."""

    def publish(self, state: StageState) -> None:
        """In the place of what the task said before. Raises Transient."""

    def fresh(self, now_ms: int) -> list[StageState]:
        """Those that are not older than FRESH_MS. Raises Transient."""


TOPIC_PREFIX = "crawl."
TOPIC_NAME = re.compile(r"^[A-Za-z0-9._-]{1,249}$")


def topic_of(host: str) -> str:
    """The topic of a site: the host in lower case, `www.` dropped, anything but a-z, 0-9, dot and dash as `_`."""
    name = host.lower().removeprefix("www.")
    return TOPIC_PREFIX + "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "_" for c in name)[:200]
