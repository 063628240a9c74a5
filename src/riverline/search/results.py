"""From the answer to a search request to results. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from riverline.search.cursor import Position, Value


@dataclass(frozen=True, slots=True)
class Hit:
    """One result. `title_html` and `summary_html` are escaped, with the words that were found in `<mark>`."""

    id: str
    url: str
    title: str
    summary: str
    site: str
    content_type: str
    locale: str
    source: str
    crawled_at: int
    created_at: int | None = None
    tags: tuple[str, ...] = ()
    author: str = ""
    image: str = ""
    click_count: int = 0
    seconds: int = 0  # a video's length
    views: int = 0
    site_name: str = ""
    group: str = ""
    cluster: str = ""
    title_html: str = ""
    summary_html: str = ""
    group_size: int = 1
    score: float | None = None
    sort: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """One page. `next`: where the following one starts, if there is one."""

    hits: tuple[Hit, ...]
    total: int  # documents that match, the members of a group counted each
    next: Position | None = None
    loose: bool = False  # too few documents hold enough of the words, so that fewer words were enough
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    corrected: str = ""  # these are the results of this spelling; what was typed finds nothing
    better: str = ""  # a spelling that finds more


NAMES = (
    *("id", "url", "title", "summary", "site", "content_type", "locale", "source", "crawled_at", "created_at"),
    *("site_name", "author", "image", "click_count", "seconds", "views", "group", "cluster"),
)

BRIEF = ("id", "cluster", "group")


def hits(answer: Mapping[str, Any]) -> list[Hit]:
    """The hits of an answer, in its order."""
    return [_hit(raw) for raw in answer["hits"]["hits"]]


def completed(brief: Sequence[Hit], answer: Mapping[str, Any]) -> list[Hit]:
    """The hits with what that answer shows of them, less what is gone meanwhile."""
    whole = {hit.id: hit for hit in hits(answer)}
    return [
        replace(whole[hit.id], score=hit.score, sort=hit.sort, group_size=hit.group_size)
        for hit in brief
        if hit.id in whole
    ]


def total(answer: Mapping[str, Any]) -> int:
    """How many documents match, members of one group counted each."""
    return int(answer["hits"]["total"]["value"])


def facets(answer: Mapping[str, Any]) -> dict[str, list[tuple[str, int]]]:
    """For each facet its values with the number of matching documents, the most frequent first."""
    found = answer.get("aggregations", {})
    return {name: [_bucket(bucket) for bucket in facet["buckets"]] for name, facet in found.items()}


def _bucket(bucket: Mapping[str, Any]) -> tuple[str, int]:
    """Times have a written form beside their key."""
    return bucket.get("key_as_string", bucket["key"]), bucket["doc_count"]


def _hit(raw: Mapping[str, Any]) -> Hit:
    if "_source" not in raw:
        return _brief(raw)
    source = raw["_source"]
    marked = raw.get("highlight", {})
    known = {name: source[name] for name in NAMES if source.get(name) is not None}
    return Hit(
        **known,
        tags=tuple(source.get("tags") or ()),
        title_html=_best(marked, "title", 1) or escaped(source.get("title", "")),
        summary_html=_best(marked, "summary", 2) or _best(marked, "body", 2) or escaped(source.get("summary", "")),
        score=raw.get("_score"),
        sort=tuple(raw.get("sort", ())),
    )


def _brief(raw: Mapping[str, Any]) -> Hit:
    id, cluster, group = (next(iter(raw["fields"].get(name, ())), "") for name in BRIEF)
    sort = tuple(raw.get("sort", ()))
    return Hit(id, "", "", "", "", "", "", "", 0, group=group, cluster=cluster, score=raw.get("_score"), sort=sort)


def _best(marked: Mapping[str, Sequence[str]], name: str, most: int) -> str:
    """Of the ways in which a field was read, the one that marks the most words; a word's parts have one mark."""
    ways = [" … ".join(parts[:most]) for of, parts in marked.items() if of == name or of.startswith(f"{name}.")]
    return max(ways, key=lambda text: text.count("<mark>"), default="").replace("</mark><mark>", "")


_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "/": "&#x2F;"})


def escaped(text: str) -> str:
    """A text for HTML, escaped as the server's own highlighter does it."""
    return text.translate(_ESCAPES)
