"""Suggestions and popular keywords. Pure: the requests, and their answers read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riverline.search.autocomplete import Suggestion, suggested
from riverline.search.popular import WEEK_MS

CANDIDATES = 40  # documents looked at for one suggestion
SEVERAL = 3  # times as many frequent searches are looked at as asked for: some are one person's
BY_COUNT = [{"_count": "desc"}, {"_key": "asc"}]


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


def frequent_body(since_ms: int, locale: str, limit: int) -> dict[str, Any]:
    """The request for the keywords that were searched for most, and that found something."""
    words = {"field": "keyword", "size": limit, "order": BY_COUNT}
    return {"size": 0, "query": _found_since(since_ms, locale), "aggs": {"words": {"terms": words}}}


def popular_body(since_ms: int, locale: str, limit: int, people: int) -> dict[str, Any]:
    """The request for what people searched for, with how many did in each week: their names change with it."""
    words = {"field": "meant", "size": SEVERAL * limit, "min_doc_count": people, "order": BY_COUNT}
    weeks = {"field": "created_at", "fixed_interval": f"{WEEK_MS}ms", "min_doc_count": people}
    query = _found_since(since_ms, locale)
    query["bool"]["must_not"] = [{"term": {"person": ""}}]  # nobody: all of them would be one person more
    persons = {"persons": {"cardinality": {"field": "person", "precision_threshold": 100}}}
    in_weeks = {"weeks": {"date_histogram": weeks, "aggs": persons}}
    aggregations = {"words": {"terms": words, "aggs": in_weeks}}
    return {"size": 0, "query": query, "aggs": aggregations}


def popular_found(answer: Mapping[str, Any], limit: int, people: int) -> list[tuple[str, int]]:
    """What so many people searched for, with the counts of searches, the most frequent first."""
    buckets = answer.get("aggregations", {}).get("words", {}).get("buckets", ())
    found = [(each["key"], each["doc_count"]) for each in buckets if each["key"] and _most_people(each) >= people]
    return found[:limit]


def _most_people(word: Mapping[str, Any]) -> int:
    return max((week["persons"]["value"] for week in word["weeks"]["buckets"]), default=0)


def _found_since(since_ms: int, locale: str) -> dict[str, Any]:
    filters: list[dict[str, Any]] = [
        {"range": {"created_at": {"gte": since_ms, "format": "epoch_millis"}}},
        {"range": {"hits": {"gt": 0}}},
    ]
    if locale:
        filters.append({"prefix": {"locale": locale}})
    return {"bool": {"filter": filters}}


def frequent_found(answer: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Keywords with their counts, the most frequent first."""
    buckets = answer.get("aggregations", {}).get("words", {}).get("buckets", ())
    return [(each["key"], each["doc_count"]) for each in buckets if each["key"]]
