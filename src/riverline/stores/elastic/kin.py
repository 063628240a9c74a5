"""Documents that may say almost the same. Pure: the request, and its answer read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from riverline.errors import Transient
from riverline.search.mappings import DOCUMENTS
from riverline.stores.contracts import Kin

CANDIDATES = 8  # of one document: those that share the most bands


def kin_lines(bands: Sequence[Sequence[str]]) -> list[bytes]:
    """A search for each document's bands, as the lines of one request."""
    head = orjson.dumps({"index": DOCUMENTS})
    return [line for keys in bands for line in (head, orjson.dumps(_body(keys)))]


def _body(keys: Sequence[str]) -> dict[str, Any]:
    shared = [{"constant_score": {"filter": {"term": {"bands": key}}}} for key in keys]
    return {
        "size": CANDIDATES if keys else 0,
        "query": {"bool": {"should": shared, "minimum_should_match": 1}},
        "_source": ["url", "cluster", "signature"],
        "track_total_hits": False,
    }


def kin_found(answer: Mapping[str, Any]) -> Iterator[list[Kin]]:
    """What `kin_lines` asked for, in its order. Raises Transient where a search failed."""
    for one in answer["responses"]:
        if "error" in one:
            raise Transient(f"elasticsearch did not look for near-duplicates: {one['error'].get('reason', '')}")
        sources = [hit["_source"] for hit in one["hits"]["hits"]]
        yield [Kin(s["url"], s["cluster"], s.get("signature", "")) for s in sources]
