"""The index on Elasticsearch: see `stores/contracts.py` for what each call promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from riverline.errors import Fatal, NotFound, Transient
from riverline.model import Document, Fate, Search
from riverline.search import explaining, paging
from riverline.search.mappings import DOCUMENTS, FATES, SEARCHES, searches_index
from riverline.search.query import Query, spelling_body
from riverline.search.results import Results, spelled
from riverline.search.statistics import DocumentStatistics, SearchStatistics, Span
from riverline.search.typed import Suggestion
from riverline.settings import Elasticsearch as ElasticsearchSettings
from riverline.settings import Search as SearchSettings
from riverline.stores.contracts import FateQuery, Fates, Kin, Outcome, Stored, Written
from riverline.stores.elastic import bulk, schema, statistics, suggest
from riverline.stores.elastic.connection import Connection
from riverline.stores.elastic.fates import fated_counts, fated_lines, fates_body, fates_page
from riverline.stores.elastic.fruitless import fruitless_body, fruitless_found
from riverline.stores.elastic.kin import kin_found, kin_lines
from riverline.stores.lexicon import Lexicon
from riverline.text.fingerprint import url_id

PATIENCE_SECONDS = 5.0  # that somebody who searches waits for at most
SCAN = 5000  # documents of one request when all are read
RANGES = 200  # counts of one request
CLICK_ATTEMPTS = 4
_ABSENT_IS_EMPTY = {"ignore_unavailable": "true", "allow_no_indices": "true"}


class ElasticIndex:
    """Documents and fates in Elasticsearch. Connects on first use; threads may share it.

    `documents` is the alias of the documents: another one keeps collections apart (benchmarks do).
    """

    def __init__(
        self, settings: ElasticsearchSettings, documents: str = DOCUMENTS, lexicon: Lexicon | None = None
    ) -> None:
        self._settings = settings
        self._lexicon = lexicon or Lexicon(SearchSettings())
        self._documents = documents
        self.connection = Connection(settings)

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

    def stored(self, urls: Sequence[str]) -> dict[str, Stored]:
        found = self._sources(urls, "page_digest,origin")
        names = {url: url_id(url) for url in urls}
        return {
            url: Stored(found[name].get("page_digest", ""), found[name].get("origin", ""))
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

    def holders(self, text_digests: Sequence[str]) -> dict[str, str]:
        asked = list(dict.fromkeys(digest for digest in text_digests if digest))
        if not asked:
            return {}
        body = {
            "size": len(asked),
            "query": {"bool": {"filter": [{"terms": {"text_digest": asked}}]}},
            "collapse": {"field": "text_digest"},
            "sort": [{"dated_at": "asc"}, {"crawled_at": "asc"}, {"id": "asc"}],
            "_source": ["url", "text_digest"],
            "track_total_hits": False,
        }
        found = self._search(body)["hits"]["hits"]
        return {raw["_source"]["text_digest"]: raw["_source"]["url"] for raw in found}

    def kin(self, bands: Sequence[Sequence[str]]) -> list[list[Kin]]:
        if not bands:
            return []
        answer = self.connection.call_lines("/_msearch", kin_lines(bands))
        return list(kin_found(answer))

    def page_digests(self) -> Iterator[str]:
        return self._values("page_digest")

    def text_digests(self) -> Iterator[str]:
        return self._values("text_digest")

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

    def _search(
        self, body: Mapping[str, Any], params: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> Mapping[str, Any]:
        path = f"/{self._documents}/_search"
        try:
            answer: Mapping[str, Any] = self.connection.call("POST", path, body, params, timeout)
        except NotFound as error:
            raise _no_schema(error) from error
        return answer

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

    @property
    def _patience(self) -> float:
        return min(PATIENCE_SECONDS, self._settings.timeout)

    def _shown(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A search that somebody waits for."""
        return self._search(body, timeout=self._patience)

    def _searches(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Of the searches that people made."""
        path = f"/{SEARCHES}*/_search"
        answer: Mapping[str, Any] = self.connection.call("POST", path, body, _ABSENT_IS_EMPTY, self._patience)
        return answer

    def fates(self, query: FateQuery) -> Fates:
        path = f"/{FATES}*/_search"
        answer = self.connection.call("POST", path, fates_body(query), _ABSENT_IS_EMPTY, self._patience)
        return fates_page(answer, query.limit)

    def fated(self, ranges: Mapping[tuple[str, int], tuple[int, int]]) -> dict[tuple[str, int], int]:
        places = list(ranges)
        counts: dict[tuple[str, int], int] = {}
        for start in range(0, len(places), RANGES):
            some = places[start : start + RANGES]
            answer = self.connection.call_lines("/_msearch", fated_lines({place: ranges[place] for place in some}))
            counts |= dict(zip(some, fated_counts(answer), strict=True))
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
        return suggest.suggestions_found(self._shown(suggest.suggestions_body(typed, locale)), typed, limit)

    def popular(self, since_ms: int, locale: str, limit: int) -> list[tuple[str, int]]:
        body = suggest.popular_body(since_ms, locale, limit)
        return suggest.popular_found(self._searches(body))

    def spelled(self, text: str, absent_only: bool = False) -> str:
        return spelled(self._shown(spelling_body(text, absent_only)), text)

    def document_statistics(self, span: Span) -> DocumentStatistics:
        return statistics.documents_found(self._shown(statistics.documents_body(span)))

    def search_statistics(self, span: Span) -> SearchStatistics:
        body = statistics.searches_body(span)
        return statistics.searches_found(self._searches(body))

    def fruitless(self, since_ms: int, limit: int) -> list[tuple[str, int]]:
        answer = self.connection.call("POST", f"/{SEARCHES}*/_search", fruitless_body(since_ms), _ABSENT_IS_EMPTY)
        return fruitless_found(answer, limit)

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
