"""Looking up how records ended. Pure: the request, and its answer read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from riverline.model import Fate
from riverline.search.contracts import FateQuery, Fates
from riverline.search.cursor import Position
from riverline.search.mappings import FATES, fates_index

EVERYWHERE = {"index": f"{FATES}*", "ignore_unavailable": True, "allow_no_indices": True}
_NEWEST = [
    {"at": {"order": "desc", "unmapped_type": "date"}},
    {"origin": {"order": "asc", "unmapped_type": "keyword"}},
]
MOST_COPIES = 500  # fates of duplicates
MOST_NAMES = 200  # outcome:reason pairs counted


def fates_body(query: FateQuery) -> dict[str, Any]:
    """The request for one page, one fate more than asked for."""
    asked = {"url": query.url, "topic": query.topic, "outcome": query.outcome, "reason": query.reason}
    body: dict[str, Any] = {
        "size": query.limit + 1,
        "query": {"bool": {"filter": [{"term": {name: value}} for name, value in asked.items() if value]}},
        "sort": _NEWEST,
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


def fate_body(origin: str, at_ms: int) -> dict[str, Any]:
    """The request for the fate of one record. A day that has no index yet is no error in its answer."""
    return {"docs": [{"_index": fates_index(at_ms), "_id": origin}]}


def fate_found(answer: Mapping[str, Any]) -> Fate | None:
    """The fate that the answer to `fate_body` holds."""
    (found,) = answer["docs"]
    return _fate(found["_source"]) if found.get("found") else None


def copies_body(text_digests: Collection[str]) -> dict[str, Any]:
    """The request for fates of duplicates of these texts, the newest first."""
    return {
        "size": MOST_COPIES,
        "query": {"bool": {"filter": [{"terms": {"text_digest": sorted(text_digests)}}]}},
        "sort": _NEWEST,
        "track_total_hits": False,
    }


def copies_found(answer: Mapping[str, Any]) -> list[Fate]:
    """Those of the answer, the newest of each page."""
    newest: dict[str, Fate] = {}
    for fate in (_fate(raw["_source"]) for raw in answer["hits"]["hits"]):
        newest.setdefault(fate.url, fate)
    return list(newest.values())


def latest_body(urls: Sequence[str], names: Collection[str] = ()) -> dict[str, Any]:
    """The request for the newest fate of each address, among those of these names if any are given."""
    newest = [{name: {"order": "desc", "unmapped_type": "date"}} for name in ("fetched_at", "at")]
    filters = [{"terms": {"url": urls}}, *([{"terms": {"name": sorted(names)}}] if names else [])]
    return {
        "size": len(urls),
        "query": {"bool": {"filter": filters}},
        "collapse": {"field": "url"},
        "sort": newest,
        "track_total_hits": False,
    }


def named_body(origins: Sequence[str]) -> dict[str, Any]:
    """The request for the fates of these records."""
    return {"size": len(origins), "query": {"terms": {"origin": origins}}}


def fates_found(answer: Mapping[str, Any]) -> list[Fate]:
    """The fates that an answer holds."""
    return [_fate(raw["_source"]) for raw in answer["hits"]["hits"]]


def _fate(source: Mapping[str, Any]) -> Fate:
    return Fate(**{name: source[name] for name in Fate.names() if name in source})


def count_body(topic: str, partition: int, start: int, stop: int) -> dict[str, Any]:
    """The search that counts the fates of a range of offsets."""
    within = {"range": {"offset": {"gte": start, "lt": stop}}}
    filters = [{"term": {"topic": topic}}, {"term": {"partition": partition}}, within]
    return {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": filters}}}
