"""Two indices of documents compared without reading them whole. Pure: the requests, and their answers read.

Ids are hexadecimal digests, so the documents fall evenly into ranges by the first digits. A range's digest is its count
and the sums of versions and clicks; only ranges whose digests differ are listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

RANGE = 2000  # documents of a range, about
MOST_DIGITS = 4
LISTED = 10_000  # documents of one request
_HEXADECIMAL = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Digest:
    """What a range holds. The sums are exact below 2^53, that is for some thousand documents."""

    count: int
    versions: float
    clicks: float


@dataclass(frozen=True, slots=True)
class ComparedDocument:
    """One document: its version, which is when it was crawled (ms), and its clicks."""

    version: int
    clicks: int


@dataclass(frozen=True, slots=True)
class IndexDifference:
    """Ids that one index must get from the other, and ids that it has too much, with their versions."""

    lacking: list[str] = field(default_factory=list)
    extra: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.lacking or self.extra)


def prefixes(documents: int) -> list[str]:
    """Beginnings of ids, so that each is shared by about RANGE of so many documents, or fewer."""
    digits = 0
    while documents > RANGE * 16**digits and digits < MOST_DIGITS:
        digits += 1
    return ["".join(each) for each in product(_HEXADECIMAL, repeat=digits)]


def digest_body(prefix: str) -> dict[str, Any]:
    """The search for the digest of a range."""
    sums = {"versions": {"sum": {"field": "crawled_at"}}, "clicks": {"sum": {"field": "click_count"}}}
    return {"size": 0, "track_total_hits": True, "query": _within(prefix), "aggs": sums}


def digest(answer: Mapping[str, Any]) -> Digest:
    """What `digest_body` asked for."""
    sums = answer["aggregations"]
    return Digest(answer["hits"]["total"]["value"], sums["versions"]["value"], sums["clicks"]["value"])


def entries_body(prefix: str, after: str = "") -> dict[str, Any]:
    """The request for the documents of a range, in the order of their ids."""
    body: dict[str, Any] = {"size": LISTED, "query": _within(prefix), "sort": [{"id": "asc"}], "version": True}
    body |= {"_source": False, "docvalue_fields": ["click_count"], "track_total_hits": False}
    return body | ({"search_after": [after]} if after else {})


def entries(answer: Mapping[str, Any]) -> dict[str, ComparedDocument]:
    """Documents by id."""
    hits = answer["hits"]["hits"]
    return {
        hit["_id"]: ComparedDocument(hit["_version"], hit.get("fields", {}).get("click_count", [0])[0]) for hit in hits
    }


def difference(source: Mapping[str, ComparedDocument], copy: Mapping[str, ComparedDocument]) -> IndexDifference:
    """What the copy must get, and lose, to equal the source."""
    lacking = [name for name, entry in source.items() if copy.get(name) != entry]
    return IndexDifference(lacking, {name: entry.version for name, entry in copy.items() if name not in source})


def _within(prefix: str) -> dict[str, Any]:
    return {"prefix": {"id": prefix}} if prefix else {"match_all": {}}
