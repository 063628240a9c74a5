"""The index in memory: the same contract as Elasticsearch, for tests of what uses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from riverline.model import Document, Fate, Origin, Search
from riverline.parsing import near_duplicates
from riverline.parsing.fingerprint import folded_text
from riverline.search import mappings
from riverline.search.analysis.korean_parts import KoreanPart
from riverline.search.analysis.synonyms import PARTICLES
from riverline.search.autocomplete import Suggestion, suggested
from riverline.search.contracts import FateQuery, Fates, NearDuplicate, Outcome, Stored, Written
from riverline.search.cursor import Position
from riverline.search.popular import period
from riverline.search.query import Query
from riverline.search.results import Hit, Results
from riverline.search.spelling.word_counts import Names
from riverline.search.statistics import DocumentStatistics, QueryStatistics, SearchStatistics, Span
from riverline.testing import memory_search, memory_statistics
from riverline.testing.memory_search import Held


class MemoryIndex:
    """Not thread-safe. Writes are visible to `search`, `holders` and `fates` after `refresh`, as on the real one."""

    def __init__(self) -> None:
        self.searches: dict[str, Search] = {}
        self.clicked: dict[str, int] = {}  # by request, the position of what was opened
        self.written: list[Document] = []  # all writes, in their order
        self._documents: dict[str, Held] = {}
        self._deleted: dict[str, int] = {}
        self._fates: dict[str, Fate] = {}
        self._visible: list[Held] = []
        self._visible_fates: list[Fate] = []

    def write(self, documents: Sequence[Document], fates: Sequence[Fate]) -> list[Written]:
        return [
            *(self._write_document(document) for document in documents),
            *(self._write_fate(fate) for fate in fates),
        ]

    def stands(self, document: Document) -> bool:
        """If that is in it, and nothing newer in its place."""
        held = self._documents.get(document.url)
        return held is not None and held.document == document

    def _write_document(self, document: Document) -> Written:
        held = self._documents.get(document.url)
        version = held.document.crawled_at if held else self._deleted.get(document.url, 0)
        if document.crawled_at < version:
            return Written(Outcome.STALE, f"version {version} stands there")
        if not _is_unicode(document):
            return Written(Outcome.INVALID, "a text is no Unicode")
        self._documents[document.url] = Held(document, held.clicks if held else 0)
        self.written.append(document)
        return Written(Outcome.WRITTEN)

    def _write_fate(self, fate: Fate) -> Written:
        held = self._fates.get(fate.origin)
        if held and held.version >= fate.version:
            return Written(Outcome.STALE, f"version {held.version} stands there")
        self._fates[fate.origin] = fate
        return Written(Outcome.WRITTEN)

    def delete(self, urls: Sequence[str], at_ms: int) -> None:
        for url in urls:
            held = self._documents.get(url)
            if held is None or held.document.crawled_at <= at_ms:
                self._documents.pop(url, None)
                self._deleted[url] = max(at_ms, self._deleted.get(url, 0))

    def take_down(self, sites: Sequence[str], urls: Sequence[str]) -> int:
        seen = [one.document for one in self._visible]
        meant = [one.url for one in seen if one.site in sites or one.url in urls]
        for url in meant:
            self._documents.pop(url, None)
        self.refresh()
        return len(meant)

    def stored(self, urls: Sequence[str]) -> dict[str, Stored]:
        held = {url: self._documents[url].document for url in urls if url in self._documents}
        return {url: Stored(d.page_digest, d.origin, d.text_digest, d.crawled_at) for url, d in held.items()}

    def holders(self, text_digests: Sequence[str], apart: Collection[str] = ()) -> dict[str, str]:
        asked = {digest for digest in text_digests if digest}
        oldest: dict[str, str] = {}
        for one in sorted(self._visible, key=lambda one: (one.dated_at, one.document.crawled_at, one.id)):
            if one.document.text_digest in asked and one.document.content_type not in apart:
                oldest.setdefault(one.document.text_digest, one.document.url)
        return oldest

    def candidates(self, bands: Sequence[Sequence[str]]) -> list[list[NearDuplicate]]:
        held = [(one, set(near_duplicates.bands(one.document.signature))) for one in self._visible]
        return [[_kin(one) for one, its in held if its & set(keys)] for keys in bands]

    def page_digests(self) -> Iterator[str]:
        return (one.document.page_digest for one in self._visible if one.document.page_digest)

    def fate(self, origin: str, at_ms: int) -> Fate | None:
        found = self._fates.get(origin)
        same_day = found is not None and mappings.fates_index(found.at) == mappings.fates_index(at_ms)
        return found if same_day else None

    def fated(self, ranges: Mapping[tuple[str, int], tuple[int, int]]) -> dict[tuple[str, int], int]:
        origins = [Origin.parse(fate.origin) for fate in self._visible_fates]
        return {
            place: sum((o.topic, o.partition) == place and start <= o.offset < stop for o in origins)
            for place, (start, stop) in ranges.items()
        }

    def refresh(self) -> None:
        self._visible = list(self._documents.values())
        self._visible_fates = sorted(self._fates.values(), key=lambda fate: (-fate.at, fate.origin))

    def search(self, query: Query, now_ms: int) -> Results:
        return memory_search.page(query, now_ms, self._visible)

    def shown(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        return memory_search.shown(query, hits, self._visible)

    def explained(self, query: Query, results: Results, now_ms: int) -> list[dict[str, float]]:
        return [{"words": hit.score or 0.0} for hit in results.hits]

    def fates(self, query: FateQuery) -> Fates:
        found = [fate for fate in self._visible_fates if _is_asked_for(fate, query)]
        rest = [fate for fate in found if query.after is None or _place(fate) > _after(query.after)]
        shown = rest[: query.limit]
        following = Position((shown[-1].at, shown[-1].origin), 0) if len(rest) > query.limit else None
        return Fates(tuple(shown), len(found), Counter(fate.name for fate in found), following)

    def copies(self, text_digests: Collection[str], fresh: bool) -> list[Fate]:
        if fresh:
            self.refresh()
        newest: dict[str, Fate] = {}
        for fate in self._visible_fates:
            if fate.text_digest and fate.text_digest in text_digests:
                newest.setdefault(fate.url, fate)
        return list(newest.values())

    def latest_fates(self, urls: Collection[str], names: Collection[str] = ()) -> dict[str, Fate]:
        wanted = set(urls)
        found = [fate for fate in self._visible_fates if fate.url in wanted and (not names or fate.name in names)]
        return {fate.url: fate for fate in sorted(found, key=lambda fate: (fate.fetched_at, fate.at))}

    def fates_of(self, origins: Collection[str]) -> dict[str, Fate]:
        wanted = set(origins)
        return {fate.origin: fate for fate in self._visible_fates if fate.origin in wanted}

    def ensure_schema(self) -> None:
        pass

    def drop_outdated_fates(self, now_ms: int) -> list[str]:
        names = {mappings.fates_index(fate.at) for fate in self._fates.values()}
        outdated = mappings.outdated_fates(list(names), now_ms)
        self._fates = {key: fate for key, fate in self._fates.items() if mappings.fates_index(fate.at) not in outdated}
        self._visible_fates = [fate for fate in self._visible_fates if fate.origin in self._fates]
        return outdated

    def record_search(self, *searches: Search) -> None:
        self.searches |= {search.request_id: search for search in searches}

    def suggestions(self, typed: str, locale: str, limit: int) -> list[Suggestion]:
        ranked = sorted(self._visible, key=lambda one: (-one.clicks, -one.dated_at))
        documents = [one.document for one in ranked if one.document.locale.startswith(locale)]
        found = [one for d in documents for one in suggested(d.title, d.tags, typed)]
        return list({one.text.lower(): one for one in reversed(found)}.values())[::-1][:limit]

    def frequent(self, since_ms: int, locale: str, limit: int) -> list[tuple[str, int]]:
        return _counted((one.keyword.lower() for one in self._found_since(since_ms, locale)), limit)

    def popular(self, since_ms: int, locale: str, limit: int, people: int) -> list[tuple[str, int]]:
        found = [one for one in self._found_since(since_ms, locale) if one.person]
        persons = {(one.meant, period(one.created_at), one.person) for one in found}
        weeks = Counter((meant, week) for meant, week, _ in persons)
        several = {meant for (meant, _), count in weeks.items() if count >= people}
        return _counted((one.meant for one in found if one.meant in several), limit)

    def _found_since(self, since_ms: int, locale: str) -> list[Search]:
        searches = self.searches.values()
        return [one for one in searches if one.created_at >= since_ms and one.hits and one.locale.startswith(locale)]

    def forget_searches(self, before_ms: int) -> None:
        self.searches = {name: one for name, one in self.searches.items() if one.created_at >= before_ms}

    def state(self) -> str:
        return f"{len(self._visible)}-{max((one.document.crawled_at for one in self._visible), default=0)}"

    def texts(self, after: str, limit: int) -> list[Names]:
        following = sorted((one for one in self._visible if one.id > after), key=lambda one: one.id)
        return [_names(one) for one in following[:limit]]

    def parts(self, words: Sequence[str]) -> list[tuple[KoreanPart, ...]]:
        return [_parts(word) for word in words]

    def held(self, words: Sequence[str]) -> frozenset[str]:
        holding = {word for one in self._visible for text in _texts(one) for word in folded_text(text).split()}
        return frozenset(
            word for word in words if any(folded_text(word) + ending in holding for ending in ("", *PARTICLES))
        )

    def document_statistics(self, span: Span) -> DocumentStatistics:
        return memory_statistics.of_documents([one.document for one in self._visible], span)

    def search_statistics(self, span: Span) -> SearchStatistics:
        return memory_statistics.of_searches(self.searches.values(), span)

    def query_statistics(self, span: Span, limit: int) -> list[QueryStatistics]:
        return memory_statistics.of_queries(self.searches.values(), self.clicked, span, limit)

    def note_click(self, request_id: str, position: int, at_ms: int) -> bool:
        if request_id in self.searches:
            self.clicked[request_id] = position
        return request_id in self.searches

    def zero_result_searches(self, since_ms: int, limit: int) -> list[tuple[str, int]]:
        recent = [search for search in self.searches.values() if search.created_at >= since_ms]
        found = {search.keyword for search in recent if search.hits}
        counts = Counter(search.keyword for search in recent if search.keyword and search.keyword not in found)
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]

    def count_clicks(self, totals: Mapping[str, int]) -> None:
        for url, total in totals.items():
            held = self._documents.get(url)
            if held is not None and held.clicks < total:
                self._documents[url] = replace(held, clicks=total)

    def click(self, url: str) -> None:
        """Counts one click: what tests of ranking and of kept counts set up."""
        held = self._documents[url]
        self._documents[url] = replace(held, clicks=held.clicks + 1)


def _counted(keywords: Iterable[str], limit: int) -> list[tuple[str, int]]:
    counts = Counter(word for word in keywords if word)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


def _parts(word: str) -> tuple[KoreanPart, ...]:
    """A noun where a particle stands behind it; of others, nothing is known."""
    for length in (2, 1):
        if len(word) > length + 1 and word[-length:] in PARTICLES:
            return KoreanPart(word[:-length], "NNG"), KoreanPart(word[-length:], "J")
    return (KoreanPart(word, "UNKNOWN"),)


def _names(held: Held) -> Names:
    one = held.document
    return Names(held.id, (one.title, *one.tags, one.site, one.author), (one.summary, one.body))


def _texts(held: Held) -> tuple[str, ...]:
    one = _names(held)
    return (*one.names, *one.texts)


def _is_asked_for(fate: Fate, query: FateQuery) -> bool:
    topic = Origin.parse(fate.origin).topic
    pairs = ((fate.url, query.url), (topic, query.topic), (fate.outcome, query.outcome), (fate.reason, query.reason))
    return all(not wanted or wanted == value for value, wanted in pairs)


def _place(fate: Fate) -> tuple[int, str]:
    return -fate.at, fate.origin


def _after(position: Position) -> tuple[int, str]:
    at, origin = position.values
    return -int(at), str(origin)


def _is_unicode(document: Document) -> bool:
    try:
        document.packed()
    except UnicodeEncodeError:
        return False
    return True


def _kin(held: Held) -> NearDuplicate:
    return NearDuplicate(held.document.url, held.cluster, held.document.signature, held.document.title)
