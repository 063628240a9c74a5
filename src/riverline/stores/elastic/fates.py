"""Looking up how records ended. Pure: the request, and its answer read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riverline.model import Fate
from riverline.search.cursor import Position
from riverline.stores.contracts import FateQuery, Fates

MOST_NAMES = 200  # outcome:reason pairs counted


def fates_body(query: FateQuery) -> dict[str, Any]:
    """The request for one page, one fate more than asked for."""
    asked = {"url": query.url, "topic": query.topic, "outcome": query.outcome, "reason": query.reason}
    body: dict[str, Any] = {
        "size": query.limit + 1,
        "query": {"bool": {"filter": [{"term": {name: value}} for name, value in asked.items() if value]}},
        "sort": [
            {"at": {"order": "desc", "unmapped_type": "date"}},
            {"origin": {"order": "asc", "unmapped_type": "keyword"}},
        ],
        "track_total_hits": True,
        "aggs": {"names": {"terms": {"field": "name", "size": MOST_NAMES}}},
    }
    return body if query.after is None else {**body, "search_after": list(query.after.values)}


def fates_page(answer: Mapping[str, Any], limit: int) -> Fates:
    """The page that an answer holds."""
    found = answer["hits"]["hits"]
    buckets = answer.get("aggregations", {}).get("names", {}).get("buckets", ())
    return Fates(
        items=tuple(_fate(raw["_source"]) for raw in found[:limit]),
        total=int(answer["hits"]["total"]["value"]),
        counts={bucket["key"]: bucket["doc_count"] for bucket in buckets},
        next=Position(tuple(found[limit - 1]["sort"]), 0) if len(found) > limit else None,
    )


def _fate(source: Mapping[str, Any]) -> Fate:
    return Fate(**{name: source[name] for name in Fate.names() if name in source})
