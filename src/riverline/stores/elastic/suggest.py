"""Suggestions and popular keywords. Pure: the requests, and their answers read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riverline.search.typed import Suggestion, suggested

CANDIDATES = 40  # documents looked at for one suggestion


def suggestions_body(typed: str, locale: str) -> dict[str, Any]:
    """The request for documents whose title or tags begin as typed, the most clicked first, then the newest."""
    filters: list[dict[str, Any]] = [{"prefix": {"starts": typed}}]
    if locale:
        filters.append({"prefix": {"locale": locale}})
    return {
        "size": CANDIDATES,
        "query": {"bool": {"filter": filters}},
        "sort": [{"click_count": {"order": "desc", "missing": 0}}, {"dated_at": "desc"}],
        "_source": ["title", "tags"],
        "track_total_hits": False,
    }


def suggestions_found(answer: Mapping[str, Any], typed: str, limit: int) -> list[Suggestion]:
    """The texts themselves, each once."""
    sources = [raw["_source"] for raw in answer["hits"]["hits"]]
    found = [one for s in sources for one in suggested(s.get("title", ""), tuple(s.get("tags") or ()), typed)]
    return list({one.text.lower(): one for one in reversed(found)}.values())[::-1][:limit]


def popular_body(since_ms: int, locale: str, limit: int) -> dict[str, Any]:
    """The request for the keywords that were searched for most, and that found something."""
    filters: list[dict[str, Any]] = [
        {"range": {"created_at": {"gte": since_ms, "format": "epoch_millis"}}},
        {"range": {"hits": {"gt": 0}}},
    ]
    if locale:
        filters.append({"prefix": {"locale": locale}})
    by = [{"_count": "desc"}, {"_key": "asc"}]
    words = {"field": "keyword", "size": limit, "order": by}
    return {"size": 0, "query": {"bool": {"filter": filters}}, "aggs": {"words": {"terms": words}}}


def popular_found(answer: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Keywords with their counts, the most frequent first."""
    buckets = answer.get("aggregations", {}).get("words", {}).get("buckets", ())
    return [(each["key"], each["doc_count"]) for each in buckets if each["key"]]
