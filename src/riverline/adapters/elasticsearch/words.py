"""Words of the index, for the dictionary. Pure: the requests, and their answers read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from riverline.search.analysis.korean_parts import KoreanPart
from riverline.search.analysis.synonyms import PARTICLES
from riverline.search.mappings import field
from riverline.search.spelling.keys import Writing, writing
from riverline.search.spelling.word_counts import Names

STATE = {"size": 0, "track_total_hits": True, "aggs": {"newest": {"max": {"field": "crawled_at"}}}}
_FIELDS = [field(name, "std") for name in ("title", "tags", "summary", "body")] + ["author.std"]
_ENDINGS = ("", *sorted(PARTICLES))


def state_found(answer: Mapping[str, Any]) -> str:
    """How many documents there are, and when the newest was fetched."""
    return f"{answer['hits']['total']['value']}-{answer['aggregations']['newest']['value'] or 0:.0f}"


def texts_body(after: str, limit: int) -> dict[str, Any]:
    """The request for the texts of documents after an id."""
    return {
        "size": limit,
        "query": {"range": {"id": {"gt": after}}},
        "sort": [{"id": "asc"}],
        "track_total_hits": False,
        "_source": ["id", "title", "tags", "site", "author", "summary", "body"],
    }


def texts_found(answer: Mapping[str, Any]) -> list[Names]:
    return [_names(raw["_source"]) for raw in answer["hits"]["hits"]]


def parts_body(words: Sequence[str]) -> dict[str, Any]:
    """The request for what nori cuts the words into, and how it tags that."""
    return {"tokenizer": "korean", "text": "\n".join(words), "explain": True, "attributes": ["leftPOS"]}


def parts_found(answer: Mapping[str, Any], words: Sequence[str]) -> list[tuple[KoreanPart, ...]]:
    """The parts of each word, told apart by where they begin in the text."""
    ends = [0, *accumulate(len(word) + 1 for word in words)]
    found: list[list[KoreanPart]] = [[] for _ in words]
    at = 0
    for token in answer["detail"]["tokenizer"]["tokens"]:
        while token["start_offset"] >= ends[at + 1]:
            at += 1
        found[at].append(KoreanPart(token["token"], _tag(token.get("leftPOS") or "")))
    return [tuple(parts) for parts in found]


def held_body(words: Sequence[str]) -> dict[str, Any]:
    """The request for how many documents hold each of the words as it is, or with a particle."""
    asked = {str(place): _holding(word) for place, word in enumerate(words)}
    return {"size": 0, "track_total_hits": False, "aggs": {"held": {"filters": {"filters": asked}}}}


def held_found(answer: Mapping[str, Any], words: Sequence[str]) -> frozenset[str]:
    buckets = answer["aggregations"]["held"]["buckets"]
    return frozenset(word for place, word in enumerate(words) if buckets[str(place)]["doc_count"])


def _names(source: Mapping[str, Any]) -> Names:
    names = (source.get("title", ""), *(source.get("tags") or ()), source.get("site", ""), source.get("author", ""))
    return Names(source["id"], names, (source.get("summary", ""), source.get("body", "")))


def _tag(position: str) -> str:
    """`JKS(Subject case marker)`, in newer versions, is a particle as `J(Ending Particle)` is; endings alike."""
    tag = position.partition("(")[0]
    return tag[0] if tag[:1] in ("J", "E") else tag


def _holding(word: str) -> dict[str, Any]:
    endings = _ENDINGS if writing(word) is Writing.HANGUL else ("",)
    text = " ".join(word + ending for ending in endings)
    return {"multi_match": {"query": text, "fields": _FIELDS, "operator": "or"}}
