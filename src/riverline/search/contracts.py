"""The contracts of the search index and of the store of clicks. `adapters/` implements them with real servers,
`testing/` in memory; one suite in tests/contract tests both.

All of them raise Transient when the server is away or busy, and Invalid when what was given is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from riverline.model import Document, Fate, Search
from riverline.search.analysis.korean_parts import KoreanPart
from riverline.search.autocomplete import Suggestion
from riverline.search.cursor import Position
from riverline.search.query import Query
from riverline.search.results import Hit, Results
from riverline.search.spelling.word_counts import Names
from riverline.search.statistics import DocumentStatistics, QueryStatistics, SearchStatistics, Span


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
    text_digest: str = ""
    crawled_at: int = 0


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
class NearDuplicate:
    """A document that may say almost the same: the group that it stands in, and what to compare."""

    url: str
    cluster: str
    signature: str
    title: str


class DocumentStore(Protocol):
    """Documents as the pipeline writes them and asks for them: by their addresses, texts and bands."""

    def write(self, documents: Sequence[Document], fates: Sequence[Fate]) -> list[Written]:
        """One bulk. The answers stand in the order of the documents, then the fates.

        A document's version is its `crawled_at`, compared with greater-or-equal; its click count is kept. The first
        fate of a record and revision stays: a second one is STALE, a later revision replaces it, and so does one of a
        later record at the same place (`Fate.version`). Raises Transient when no answer came; then anything may have
        been written.
        """

    def delete(self, urls: Sequence[str], at_ms: int) -> None:
        """Removes documents as of that time: what was crawled later stays, and an earlier version that arrives within
        the next minute is STALE. URLs that are not there are no error."""

    def take_down(self, sites: Sequence[str], urls: Sequence[str]) -> int:
        """Removes the documents of sites and URLs that searches see, whatever their version; what was just written may
        stay. Returns how many there were."""

    def stored(self, urls: Sequence[str]) -> dict[str, Stored]:
        """What stands in the index now, in real time, for those of the URLs that it holds."""

    def holders(self, text_digests: Sequence[str], apart: Collection[str] = ()) -> dict[str, str]:
        """For each digest of a main text that searches see, the URL of the oldest document that has it; documents of
        the content types `apart` do not count."""

    def candidates(self, bands: Sequence[Sequence[str]]) -> list[list[NearDuplicate]]:
        """For each document's bands (`parsing.near_duplicates`), some documents that share one, of those
        that a search can see."""

    def refresh(self) -> None:
        """Makes all that was written visible to searches (tests and first crawls ask for it)."""

    def page_digests(self) -> Iterator[str]:
        """The digests of all pages that searches see now."""

    def count_clicks(self, totals: Mapping[str, int]) -> None:
        """Raises the click counts of these URLs to their totals, where they are less; nothing else of a document
        changes, its version neither. URLs that are not there are no error. Raises Transient when a document was
        written meanwhile, again and again."""


class Searcher(Protocol):
    """Documents as people find them."""

    def search(self, query: Query, now_ms: int) -> Results:
        """One page of results; `now_ms` is what recency is measured from."""

    def shown(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        """These results of the query, which were found with `brief`, with all that is shown of them; less those that
        are gone."""

    def explained(self, query: Query, results: Results, now_ms: int) -> list[dict[str, float]]:
        """For each result of a page ranked by relevance, what its score is made of, by the names of `ranking`; the
        parts add up to it. `now_ms`: what recency was measured from."""


class FateStore(Protocol):
    """What became of each record."""

    def fates(self, query: FateQuery) -> Fates:
        """One page of fates, the newest first."""

    def fate(self, origin: str, at_ms: int) -> Fate | None:
        """The fate of one record, in real time. `at_ms`: the record's timestamp, whose day the fate is filed under."""

    def copies(self, text_digests: Collection[str], fresh: bool) -> list[Fate]:
        """Fates of pages that ended as duplicates of these texts: of each page the newest, the newest pages first, at
        most some hundreds. `fresh`: those too that a search cannot see yet."""

    def fated(self, ranges: Mapping[tuple[str, int], tuple[int, int]]) -> dict[tuple[str, int], int]:
        """For each topic and partition, how many records from the first offset up to, without, the second have a fate
        that a search can see."""

    def latest_fates(self, urls: Collection[str], names: Collection[str] = ()) -> dict[str, Fate]:
        """For each address, the fate of what was fetched last of it, and of records of that the newest, as far as
        searches see. `names`: among fates of these names alone, each outcome:reason."""

    def fates_of(self, origins: Collection[str]) -> dict[str, Fate]:
        """The fates of those records that have one, as far as searches see."""

    def drop_outdated_fates(self, now_ms: int) -> list[str]:
        """Forgets fates that are older than they are kept. Returns the names of what was dropped."""


class Insights(Protocol):
    """The log of searches, and statistics of documents and searches."""

    def record_search(self, *searches: Search) -> None:
        """Files searches that people made; the same request_id twice is one search."""

    def suggestions(self, typed: str, locale: str, limit: int) -> list[Suggestion]:
        """Titles and tags that begin as typed (`search.typed.letters`), as far as searches see; those of documents
        that are clicked most first."""

    def frequent(self, since_ms: int, locale: str, limit: int) -> list[tuple[str, int]]:
        """What was searched for since then and found, keyword and count, the most frequent first. By however few: it
        is shown to nobody."""

    def popular(self, since_ms: int, locale: str, limit: int, people: int) -> list[tuple[str, int]]:
        """What at least so many different people searched for in one week of those since then, and found: as it may
        be shown (`Search.meant`), with the count of searches, the most frequent first."""

    def forget_searches(self, before_ms: int) -> None:
        """Removes the searches that were made before."""

    def document_statistics(self, span: Span) -> DocumentStatistics:
        """Of the documents that were fetched then, as far as searches see."""

    def search_statistics(self, span: Span) -> SearchStatistics:
        """Of the searches that were made then, as far as searches see."""

    def query_statistics(self, span: Span, limit: int) -> list[QueryStatistics]:
        """Of the searches that were made then, as far as searches see, by what was searched for; the most frequent
        first."""

    def note_click(self, request_id: str, position: int, at_ms: int) -> bool:
        """Notes that a result of that search was opened, at a time not long after it. False where the search is not
        recorded (yet). Doing it twice is harmless."""

    def zero_result_searches(self, since_ms: int, limit: int) -> list[tuple[str, int]]:
        """What was searched for since then and never found, as far as searches see: keyword and count, the most
        frequent first."""


class Vocabulary(Protocol):
    """The words of the index."""

    def state(self) -> str:
        """Changes when documents are written or removed, as far as searches see."""

    def texts(self, after: str, limit: int) -> list[Names]:
        """The texts of the next documents after that id, in the order of the ids, as far as searches see."""

    def parts(self, words: Sequence[str]) -> list[tuple[KoreanPart, ...]]:
        """What the Korean analyser cuts each of the words into."""

    def held(self, words: Sequence[str]) -> frozenset[str]:
        """Those of the words that a document holds in some field as they are, or with a Korean particle, as far as
        searches see; and those that have synonyms."""


class PipelineIndex(DocumentStore, FateStore, Protocol):
    """What the topology asks of the index."""


class Index(PipelineIndex, Searcher, Insights, Vocabulary, Protocol):
    """All of it: one store, and one connection to it."""

    def ensure_schema(self) -> None:
        """Creates or extends what must stand before the first write. May be repeated. Raises Fatal if it cannot be."""


class Clicks(Protocol):
    """Clicks on results: the truth, from which the counts in the index are made."""

    def add(self, visit: str, url: str, position: int) -> bool:
        """If it is the first of that visit on that URL. The position counts from 1. A visit is one person's on one day,
        or a search's where nobody knows whose it is: 32 hexadecimal digits."""

    def of(self, urls: Sequence[str]) -> dict[str, int]:
        """The clicks of those of the URLs that have some."""

    def totals(self, after: str, limit: int, within_seconds: int | None = None) -> dict[str, int]:
        """The clicks of the next URLs after that one, in an order of their own; of those alone that were clicked
        within so many seconds, if given."""

    def counted(self, since_ms: int, until_ms: int, interval_ms: int) -> dict[int, int]:
        """Clicks by the start of each interval that has some. Perhaps a moment old."""
