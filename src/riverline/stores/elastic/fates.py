"""Looking up how records ended. Pure: the request, and its answer read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from riverline.errors import Transient
from riverline.model import Fate
from riverline.search.cursor import Position
from riverline.search.mappings import FATES
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


def fated_lines(ranges: Mapping[tuple[str, int], tuple[int, int]]) -> list[bytes]:
    """A counting search for each range of offsets, as the lines of one request."""
    head = orjson.dumps({"index": f"{FATES}*", "ignore_unavailable": True, "allow_no_indices": True})
    return [line for place, span in ranges.items() for line in (head, orjson.dumps(_count_body(*place, *span)))]


def _count_body(topic: str, partition: int, start: int, stop: int) -> dict[str, Any]:
    within = {"range": {"offset": {"gte": start, "lt": stop}}}
    filters = [{"term": {"topic": topic}}, {"term": {"partition": partition}}, within]
    return {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": filters}}}


def fated_counts(answer: Mapping[str, Any]) -> Iterator[int]:
    """The counts of `fated_lines`, in their order. Raises Transient where one could not be taken."""
    for one in answer["responses"]:
        if "error" in one:
            raise Transient(f"elasticsearch did not count: {one['error'].get('reason', '')}")
        yield int(one["hits"]["total"]["value"])
