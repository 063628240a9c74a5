"""Statistics: the requests, and their answers read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riverline.search.statistics import (
    AGES,
    BY,
    MOST_SERIES,
    MOST_VALUES,
    OLDER,
    PERCENTILES,
    Counts,
    DocumentStatistics,
    QueryStatistics,
    SearchStatistics,
    Span,
)

_NOTHING = {"term": {"hits": 0}}
_VAIN = {"bool": {"must": [_NOTHING], "must_not": [{"term": {"filtered": True}}]}}
_UNCLICKED = {"bool": {"must": [{"range": {"hits": {"gt": 0}}}], "must_not": [{"term": {"clicked": True}}]}}
_TOOK = {"percentiles": {"field": "took_ms", "percents": list(PERCENTILES)}}
_MOST_FIRST: list[dict[str, str]] = [{"_count": "desc"}, {"_key": "asc"}]
_WORDS = {"terms": {"field": "keyword", "size": MOST_VALUES, "order": _MOST_FIRST}}


def documents_body(span: Span) -> dict[str, Any]:
    """The request for statistics of documents."""
    over = _over("crawled_at", span)
    over["over"]["aggs"] = _by(MOST_SERIES)
    return {
        **_within("crawled_at", span),
        "aggs": {**_by(MOST_VALUES), "newest": {"max": {"field": "crawled_at"}}, "ages": _ages(span), **over},
    }


def documents_found(answer: Mapping[str, Any]) -> DocumentStatistics:
    found = answer["aggregations"]
    newest = found["newest"]["value"]
    by = {name: _counts(found[name]) for name in BY}
    over = {int(one["key"]): {name: _counts(one[name]) for name in BY} for one in found["over"]["buckets"]}
    ages = {bucket["key"]: bucket["doc_count"] for bucket in found["ages"]["buckets"]}
    return DocumentStatistics(
        _total(answer),
        _times(found),
        by,
        None if newest is None else int(newest),
        over,
        tuple((name, ages.get(name, 0)) for name in (*AGES, OLDER)),
    )


def searches_body(span: Span) -> dict[str, Any]:
    """The request for statistics of searches."""
    nothing = {"filter": _NOTHING, "aggs": {"top": _WORDS}}
    return {
        **_within("created_at", span),
        "aggs": {"top": _WORDS, "nothing": nothing, "took": _TOOK, **_over("created_at", span)},
    }


def searches_found(answer: Mapping[str, Any]) -> SearchStatistics:
    found = answer.get("aggregations")
    if found is None:  # no index of searches yet
        return SearchStatistics(0, 0, {}, (), ())
    nothing = found["nothing"]
    tops = _counts(found["top"]), _counts(nothing["top"])
    return SearchStatistics(_total(answer), nothing["doc_count"], _times(found), *tops, _took(found))


def queries_body(span: Span, limit: int) -> dict[str, Any]:
    """The request for statistics of searches by what was searched for."""
    return {**_within("created_at", span), "aggs": queries_aggregation(limit)}


def queries_aggregation(limit: int) -> dict[str, Any]:
    """What is counted of each query, the most frequent first."""
    counts = {
        "in_vain": {"filter": _VAIN},
        "clicked": {"filter": {"term": {"clicked": True}}},
        "unclicked": {"filter": _UNCLICKED},
        "corrected": {"filter": {"term": {"corrected": True}}},
        "position": {"avg": {"field": "position"}},
        "took": _TOOK,
    }
    terms = {"field": "keyword", "size": limit, "order": _MOST_FIRST}
    return {"queries": {"terms": terms, "aggs": counts}}


def queries_found(answer: Mapping[str, Any]) -> list[QueryStatistics]:
    buckets = answer.get("aggregations", {}).get("queries", {}).get("buckets", ())
    return [
        QueryStatistics(
            keyword=one["key"],
            searches=one["doc_count"],
            in_vain=one["in_vain"]["doc_count"],
            clicked=one["clicked"]["doc_count"],
            unclicked=one["unclicked"]["doc_count"],
            corrected=one["corrected"]["doc_count"],
            position=one["position"]["value"],
            took_ms=_took(one),
        )
        for one in buckets
        if one["key"]
    ]


def _took(found: Mapping[str, Any]) -> dict[int, float]:
    return {int(float(name)): value for name, value in found["took"]["values"].items() if value is not None}


def _by(most: int) -> dict[str, Any]:
    return {name: {"terms": {"field": of, "size": most, "order": _MOST_FIRST}} for name, of in BY.items()}


def _ages(span: Span) -> dict[str, Any]:
    """Ranges that meet: each from the age's beginning up to, without, that of the younger one."""
    ranges: list[dict[str, Any]] = []
    younger: int | None = None
    for name, age in AGES.items():
        bounds = {"from": span.until - age} if younger is None else {"from": span.until - age, "to": younger}
        ranges.append({"key": name, **bounds})
        younger = span.until - age
    ranges.append({"key": OLDER, "to": younger})
    return {"date_range": {"field": "crawled_at", "format": "epoch_millis", "ranges": ranges}}


def _within(name: str, span: Span) -> dict[str, Any]:
    bounds = {"gte": span.since, "lt": span.until, "format": "epoch_millis"}
    return {"size": 0, "track_total_hits": True, "query": {"range": {name: bounds}}}


def _over(name: str, span: Span) -> dict[str, Any]:
    return {"over": {"date_histogram": {"field": name, "fixed_interval": f"{span.interval}ms", "min_doc_count": 1}}}


def _times(found: Mapping[str, Any]) -> dict[int, int]:
    return {int(bucket["key"]): bucket["doc_count"] for bucket in found["over"]["buckets"]}


def _counts(found: Mapping[str, Any]) -> Counts:
    return tuple((bucket["key"], bucket["doc_count"]) for bucket in found["buckets"] if bucket["key"])


def _total(answer: Mapping[str, Any]) -> int:
    return int(answer["hits"]["total"]["value"])
