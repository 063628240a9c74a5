"""Searches that never found anything. Pure: the request, and its answer read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_WORDS = 2_000  # keywords looked at, the most frequent ones


def zero_results_body(since_ms: int) -> dict[str, Any]:
    """The request: of each keyword the count of its searches, and the most that one of them found."""
    return {
        "size": 0,
        "query": {"range": {"created_at": {"gte": since_ms, "format": "epoch_millis"}}},
        "aggs": {
            "words": {
                "terms": {"field": "keyword", "size": MOST_WORDS},
                "aggs": {"most": {"max": {"field": "hits"}}},
            }
        },
    }


def zero_results_found(answer: Mapping[str, Any], limit: int) -> list[tuple[str, int]]:
    """Keywords that found nothing each time, with their counts, the most frequent first."""
    buckets = answer.get("aggregations", {}).get("words", {}).get("buckets", ())
    found = [(each["key"], each["doc_count"]) for each in buckets if each["key"] and not each["most"]["value"]]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]
