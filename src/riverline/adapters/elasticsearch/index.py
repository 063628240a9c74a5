"""The index on Elasticsearch: see `search/contracts.py` for what each call promises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from riverline.adapters.elasticsearch import bulk, schema, statistics, suggestions, words
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.elasticsearch.fates import (
    EVERYWHERE,
    copies_body,
    copies_found,
    count_body,
    fate_body,
    fate_found,
    fates_body,
    fates_found,
    fates_page,
    latest_body,
    named_body,
)
from riverline.adapters.elasticsearch.lexicon import Lexicon
from riverline.adapters.elasticsearch.near_duplicates import WHERE, kin_body, kin_found
from riverline.adapters.elasticsearch.zero_result_queries import zero_results_body, zero_results_found
from riverline.errors import Fatal, NotFound, Transient
from riverline.model import Document, Fate, Search
from riverline.parsing.fingerprint import url_id
from riverline.search import explaining, paging
from riverline.search.analysis.korean_parts import KoreanPart
from riverline.search.autocomplete import Suggestion
from riverline.search.contracts import FateQuery, Fates, NearDuplicate, Outcome, Stored, Written
from riverline.search.mappings import DOCUMENTS, FATES, SEARCHES, searches_index
from riverline.search.query import Query
from riverline.search.results import Hit, Results
from riverline.search.spelling.word_counts import Names
from riverline.search.statistics import DocumentStatistics, QueryStatistics, SearchStatistics, Span
from riverline.settings import Elasticsearch as ElasticsearchSettings
from riverline.settings import SearchSettings

PATIENCE_SECONDS = 3.0  # that a search may take
SCAN = 5000  # documents of one request when all are read
NAMES = 500  # addresses or records of one request
RANGES = 200  # counts of one request
CLICK_ATTEMPTS = 4
CLICKED_MS = 6 * 3_600_000  # after a search, within which a click on its results counts
_ABSENT_IS_EMPTY = {"ignore_unavailable": "true", "allow_no_indices": "true"}


class ElasticIndex:
    """Documents and fates in Elasticsearch. Connects on first use; threads may share it.

    `documents` is the alias of the documents: another one keeps collections apart (benchmarks do). `patience`: seconds
    that a search has which somebody waits for; `hurried`: somebody waits for all that is asked.
    """

    def __init__(
        self,
        settings: ElasticsearchSettings,
        documents: str = DOCUMENTS,
        lexicon: Lexicon | None = None,
        patience: float = PATIENCE_SECONDS,
        hurried: bool = False,
    ) -> None:
        self._settings = settings
        self._lexicon = lexicon or Lexicon(SearchSettings())
        self._documents = documents
        self._patience = min(patience, settings.timeout)
        self.connection = ElasticsearchConnection(settings, self._patience if hurried else None)

    def write(self, documents: Sequence[Document], fates: Sequence[Fate]) -> list[Written]:
        """One bulk: see the contract.

        A document replaces the stored one whole, so its click count is read first and written again. A click that is
        counted between the two (milliseconds, on a page that is crawled just then) is lost from the index.
        """
        items = bulk.serialised(documents, fates, self._clicks(documents), self._documents)
        sent = [item for item in items if not isinstance(item, Written)]
        lines = [line for item in sent for line in item]
        answers = iter(bulk.outcomes(self._bulk(lines)) if lines else ())
        return [item if isinstance(item, Written) else next(answers) for item in items]

    def _bulk(self, lines: list[bytes]) -> Mapping[str, Any]:
        wanted = {"filter_path": "items.*.status,items.*.error"}
        answer: Mapping[str, Any] = self.connection.call_lines("/_bulk", lines, wanted)
        return answer

    def _clicks(self, documents: Sequence[Document]) -> dict[str, int]:
        """The click counts that stand in the index now, by id."""
        found = self._sources([document.url for document in documents], "click_count")
        return {name: source.get("click_count", 0) for name, source in found.items()}

    def delete(self, urls: Sequence[str], at_ms: int) -> None:
        if urls:
            answer = self._bulk([bulk.delete_item(url, at_ms, self._documents) for url in urls])
            bulk.refuse_busy(bulk.outcomes(answer))

    def take_down(self, sites: Sequence[str], urls: Sequence[str]) -> int:
        return schema.take_down(self.connection, self._documents, sites, [url_id(url) for url in urls])

    def stored(self, urls: Sequence[str]) -> dict[str, Stored]:
        found = self._sources(urls, "page_digest,origin,text_digest,crawled_at")
        names = {url: url_id(url) for url in urls}
        return {
            url: Stored(**{"page_digest": "", "origin": "", **found[name]})
            for url, name in names.items()
            if name in found
        }

    def _sources(self, urls: Sequence[str], fields: str) -> dict[str, Mapping[str, Any]]:
        """Some fields of the documents of these URLs, in real time, by id."""
        if not urls:
            return {}
        body = {"ids": list(dict.fromkeys(url_id(url) for url in urls))}
        try:
            answer = self.connection.call("POST", f"/{self._documents}/_mget", body, {"_source_includes": fields})
        except NotFound as error:
            raise _no_schema(error) from error
        return {raw["_id"]: raw["_source"] for raw in answer["docs"] if raw.get("found")}

    def holders(self, text_digests: Sequence[str], apart: Collection[str] = ()) -> dict[str, str]:
        asked = list(dict.fromkeys(digest for digest in text_digests if digest))
        if not asked:
            return {}
        body = {
            "size": len(asked),
            "query": {
                "bool": {
                    "filter": [{"terms": {"text_digest": asked}}],
                    "must_not": [{"terms": {"content_type": sorted(apart)}}],
                }
            },
            "collapse": {"field": "text_digest"},
            "sort": [{"dated_at": "asc"}, {"crawled_at": "asc"}, {"id": "asc"}],
            "_source": ["url", "text_digest"],
            "track_total_hits": False,
        }
        found = self._search(body)["hits"]["hits"]
        return {raw["_source"]["text_digest"]: raw["_source"]["url"] for raw in found}

    def candidates(self, bands: Sequence[Sequence[str]]) -> list[list[NearDuplicate]]:
        if not bands:
            return []
        return list(map(kin_found, self.connection.searches(WHERE, map(kin_body, bands))))

    def page_digests(self) -> Iterator[str]:
        return self._values("page_digest")

    def _values(self, name: str) -> Iterator[str]:
        """One field of every document, in the order of the ids; what is written meanwhile may be missing."""
        body: dict[str, Any] = {"size": SCAN, "sort": [{"id": "asc"}], "_source": False, "docvalue_fields": [name]}
        while found := self._search({**body, "track_total_hits": False})["hits"]["hits"]:
            yield from (value for raw in found for value in raw.get("fields", {}).get(name, ()) if value)
            body["search_after"] = found[-1]["sort"]

    def refresh(self) -> None:
        self.connection.call("POST", f"/{self._documents},{FATES}*,{SEARCHES}*/_refresh", params=_ABSENT_IS_EMPTY)

    def search(self, query: Query, now_ms: int) -> Results:
        # Copies of a shard may score a little differently: the pages of one query come from the same ones.
        copies = {"preference": url_id(query.key)}
        query = replace(query, synonyms=self._lexicon.synonyms())
        return paging.page(query, now_ms, lambda body: self._search(body, copies, self._patience))

    def shown(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        return paging.shown(replace(query, synonyms=self._lexicon.synonyms()), hits, self._shown)

    def _search(
        self, body: Mapping[str, Any], params: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> Mapping[str, Any]:
        path = f"/{self._documents}/_search"
        try:
            return self.connection.search(path, body, params, timeout)
        except NotFound as error:
            raise _no_schema(error) from error

    def explained(self, query: Query, results: Results, now_ms: int) -> list[dict[str, float]]:
        asked = replace(explaining.as_asked(query, results.corrected), synonyms=self._lexicon.synonyms())
        ids = [hit.id for hit in results.hits]
        if not ids:
            return []
        texts = self._explanations(explaining.text_body(asked, ids, results.loose))
        places = self._explanations(explaining.occurrences_body(asked, ids))
        return [explaining.explained(hit, now_ms, texts.get(hit.id), places.get(hit.id)) for hit in results.hits]

    def _explanations(self, body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        return {raw["_source"]["id"]: raw["_explanation"] for raw in self._shown(body)["hits"]["hits"]}

    def _shown(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A search that a user waits for."""
        return self._search(body, timeout=self._patience)

    def _searches(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Of the searches that people made."""
        return self.connection.search(f"/{SEARCHES}*/_search", body, _ABSENT_IS_EMPTY, self._patience)

    def fates(self, query: FateQuery) -> Fates:
        answer = self.connection.search(f"/{FATES}*/_search", fates_body(query), _ABSENT_IS_EMPTY, self._patience)
        return fates_page(answer, query.limit)

    def fate(self, origin: str, at_ms: int) -> Fate | None:
        return fate_found(self.connection.call("POST", "/_mget", fate_body(origin, at_ms)))

    def copies(self, text_digests: Collection[str], fresh: bool) -> list[Fate]:
        if not text_digests:
            return []
        if fresh:
            self.connection.call("POST", f"/{FATES}*/_refresh", params=_ABSENT_IS_EMPTY)
        return copies_found(self.connection.search(f"/{FATES}*/_search", copies_body(text_digests), _ABSENT_IS_EMPTY))

    def latest_fates(self, urls: Collection[str], names: Collection[str] = ()) -> dict[str, Fate]:
        return {fate.url: fate for fate in self._fates_by(sorted(urls), partial(latest_body, names=names))}

    def fates_of(self, origins: Collection[str]) -> dict[str, Fate]:
        return {fate.origin: fate for fate in self._fates_by(sorted(origins), named_body)}

    def _fates_by(self, names: Sequence[str], body: Callable[[Sequence[str]], dict[str, Any]]) -> list[Fate]:
        path, found = f"/{FATES}*/_search", []
        for start in range(0, len(names), NAMES):
            asked = body(names[start : start + NAMES])
            found += fates_found(self.connection.search(path, asked, _ABSENT_IS_EMPTY, self._patience))
        return found

    def fated(self, ranges: Mapping[tuple[str, int], tuple[int, int]]) -> dict[tuple[str, int], int]:
        places = list(ranges)
        counts: dict[tuple[str, int], int] = {}
        for start in range(0, len(places), RANGES):
            some = places[start : start + RANGES]
            answers = self.connection.searches(EVERYWHERE, (count_body(*place, *ranges[place]) for place in some))
            counts |= {place: int(one["hits"]["total"]["value"]) for place, one in zip(some, answers, strict=True)}
        return counts

    def count_clicks(self, totals: Mapping[str, int]) -> None:
        wanted = {url_id(url): total for url, total in totals.items()}
        for _ in range(CLICK_ATTEMPTS):
            wanted = self._raised(wanted)
            if not wanted:
                return
        raise Transient("elasticsearch: documents change faster than their clicks can be counted")

    def _raised(self, wanted: Mapping[str, int]) -> dict[str, int]:
        """Raises counts, each with the version that was read. Returns those of documents that changed meanwhile."""
        if not wanted:
            return {}
        answer = self.connection.call("POST", f"/{self._documents}/_mget", {"ids": list(wanted)})
        lower = [raw for raw in answer["docs"] if raw.get("found") and _clicks_of(raw) < wanted[raw["_id"]]]
        if not lower:
            return {}
        lines = [line for raw in lower for line in bulk.counted_item(raw, wanted[raw["_id"]], self._documents)]
        written = list(bulk.outcomes(self._bulk(lines)))
        bulk.refuse_busy(written)
        pairs = zip(lower, written, strict=True)
        return {raw["_id"]: wanted[raw["_id"]] for raw, one in pairs if one.outcome is Outcome.STALE}

    def suggestions(self, typed: str, locale: str, limit: int) -> list[Suggestion]:
        return suggestions.suggestions_found(self._shown(suggestions.suggestions_body(typed, locale)), typed, limit)

    def frequent(self, since_ms: int, locale: str, limit: int) -> list[tuple[str, int]]:
        return suggestions.frequent_found(self._searches(suggestions.frequent_body(since_ms, locale, limit)))

    def popular(self, since_ms: int, locale: str, limit: int, people: int) -> list[tuple[str, int]]:
        body = suggestions.popular_body(since_ms, locale, limit, people)
        return suggestions.popular_found(self._searches(body), limit, people)

    def forget_searches(self, before_ms: int) -> None:
        schema.forget_searches(self.connection, before_ms)

    def state(self) -> str:
        return words.state_found(self._search(words.STATE))

    def texts(self, after: str, limit: int) -> list[Names]:
        return words.texts_found(self._search(words.texts_body(after, limit)))

    def parts(self, asked: Sequence[str]) -> list[tuple[KoreanPart, ...]]:
        answer = self.connection.call("POST", f"/{self._documents}/_analyze", words.parts_body(asked))
        return words.parts_found(answer, asked)

    def held(self, asked: Sequence[str]) -> frozenset[str]:
        if not asked:
            return frozenset()
        return words.held_found(self._shown(words.held_body(asked)), asked) | self._lexicon.known(asked)

    def document_statistics(self, span: Span) -> DocumentStatistics:
        return statistics.documents_found(self._shown(statistics.documents_body(span)))

    def search_statistics(self, span: Span) -> SearchStatistics:
        return statistics.searches_found(self._searches(statistics.searches_body(span)))

    def query_statistics(self, span: Span, limit: int) -> list[QueryStatistics]:
        return statistics.queries_found(self._searches(statistics.queries_body(span, limit)))

    def note_click(self, request_id: str, position: int, at_ms: int) -> bool:
        # The search may be of the month before.
        for index in dict.fromkeys((searches_index(at_ms), searches_index(at_ms - CLICKED_MS))):
            with suppress(NotFound):
                path, noted = f"/{index}/_update/{request_id}", {"clicked": True, "position": position}
                self.connection.call("POST", path, {"doc": noted}, {"retry_on_conflict": "3"})
                return True
        return False

    def zero_result_searches(self, since_ms: int, limit: int) -> list[tuple[str, int]]:
        answer = self.connection.search(f"/{SEARCHES}*/_search", zero_results_body(since_ms), _ABSENT_IS_EMPTY)
        return zero_results_found(answer, limit)

    def record_search(self, *searches: Search) -> None:
        lines = []
        for search in searches:
            action = {"index": {"_index": searches_index(search.created_at), "_id": search.request_id}}
            lines += [orjson.dumps(action), orjson.dumps({name: getattr(search, name) for name in Search.names()})]
        bulk.refuse_busy(bulk.outcomes(self._bulk(lines)))

    def ensure_schema(self) -> None:
        schema.ensure(self.connection, self._settings, self._documents, self._lexicon.korean_words())

    def drop_outdated_fates(self, now_ms: int) -> list[str]:
        return schema.drop_outdated_fates(self.connection, now_ms)

    def close(self) -> None:
        """Closes the connections."""
        self.connection.close()


def _no_schema(error: NotFound) -> Fatal:
    return Fatal(f"the alias of the documents does not exist: create the schema first ({error})")


def _clicks_of(raw: Mapping[str, Any]) -> int:
    return int(raw["_source"].get("click_count", 0))
