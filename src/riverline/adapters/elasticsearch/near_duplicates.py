"""Documents that may say almost the same. Pure: the request, and its answer read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from riverline.search.contracts import NearDuplicate
from riverline.search.mappings import DOCUMENTS

CANDIDATES = 8  # of one document: those that share the most bands


WHERE = {"index": DOCUMENTS}


def kin_body(keys: Sequence[str]) -> dict[str, Any]:
    """The search for documents that share bands with one document."""
    shared = [{"constant_score": {"filter": {"term": {"bands": key}}}} for key in keys]
    return {
        "size": CANDIDATES if keys else 0,
        "query": {"bool": {"should": shared, "minimum_should_match": 1}},
        "_source": ["url", "cluster", "signature", "title"],
        "track_total_hits": False,
    }


def kin_found(answer: Mapping[str, Any]) -> list[NearDuplicate]:
    """The documents of the answer."""
    sources = [hit["_source"] for hit in answer["hits"]["hits"]]
    return [NearDuplicate(s["url"], s["cluster"], s.get("signature", ""), s.get("title", "")) for s in sources]
