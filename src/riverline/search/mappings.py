"""Settings and mappings of the indices. Pure: what is sent to the server, and the names under which it is stored.

- `documents`: an alias on `documents-v1`. Other mappings mean `documents-v2`, a reindex, and the alias moved.
- `searches-YYYY.MM`, `fates-YYYY.MM.DD`: made from index templates by the first write of their month or day.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from riverline.search.analysis.analysers import analysis

DOCUMENTS = "documents"
SEARCHES = "searches-"
FATES = "fates-"
FATES_KEPT_DAYS = 7
_MONTHLY = re.compile(rf"{SEARCHES}\d{{4}}\.\d\d")

# One similarity for all: combined_fields weighs the fields as one, and cannot where theirs differ. k1 is above Lucene's
# 1.2, since a term counts in several fields at once: saturation would come too early.
SIMILARITY = {"default": {"type": "BM25", "k1": 1.6, "b": 0.75}}


def first_version(alias: str) -> str:
    """The index that an alias of documents is made on."""
    return f"{alias}-v1"


def documents_index(
    shards: int, replicas: int, alias: str = DOCUMENTS, korean_words: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The body that creates the index of documents. `korean_words`: rules of nori's user dictionary."""
    return {
        "settings": {
            "index": {
                "number_of_shards": shards,
                "number_of_replicas": replicas,
                # Said outright, or an index that nobody has searched for 30 s stops refreshing.
                "refresh_interval": "1s",
                "similarity": SIMILARITY,
                "analysis": analysis(korean_words),
            }
        },
        "mappings": documents_mapping(),
        "aliases": {alias: {"is_write_index": True}},
    }


def documents_mapping() -> dict[str, Any]:
    """Every field of `Document`, and those that the store adds: id, dated_at, cluster, click_count."""
    return {
        "dynamic": False,
        "properties": {
            "id": _KEYWORD,  # as `_id`, which cannot be sorted by: the tie-break of pages
            "url": {"type": "keyword", "ignore_above": 8191},
            "site": _KEYWORD,
            "site_name": _STORED,  # as the page gives it: for people to read
            "title": _text(offsets=True),
            "summary": _text(offsets=True),
            "body": _text(offsets=False),
            "tags": {**_FOLDED, "fields": {"std": _analysed("std"), **_sub_fields(offsets=False)}},
            "author": {**_FOLDED, "fields": {"std": _analysed("std")}},
            "content_type": _KEYWORD,
            "locale": _KEYWORD,
            "source": _KEYWORD,
            "image": _STORED,
            "created_at": _DATE,
            "updated_at": _DATE,
            "crawled_at": _DATE,
            "dated_at": _DATE,  # created_at, or crawled_at where that is not known: what "newest" sorts by
            "text_digest": _KEYWORD,
            "page_digest": {"type": "keyword", "index": False},  # read in bulk: its doc values are
            "group": _KEYWORD,
            "signature": _STORED,
            "bands": {"type": "keyword", "doc_values": False},  # near-duplicates share one: parsing/near_duplicates.py
            "cluster": _KEYWORD,  # the group, else the digest of the text, else the id: results that share it are one
            "origin": _STORED,
            "click_count": {"type": "integer"},
            "seconds": {"type": "integer"},  # a video's length
            "views": {"type": "long"},
            "starts": {"type": "keyword", "doc_values": False},  # what may be typed for title and tags: typed.py
        },
    }


def templates(replicas: int) -> dict[str, dict[str, Any]]:
    """The index templates by name."""
    return {
        "riverline-searches": _template(f"{SEARCHES}*", replicas, SEARCH, "10s"),
        "riverline-fates": _template(f"{FATES}*", replicas, FATE, "1s"),
    }


def field(name: str, analyser: str) -> str:
    """Where the index holds a text field as this analyser reads it. Texts are read by `std`, tags are keywords."""
    return name if analyser == "std" and name != "tags" else f"{name}.{analyser}"


def searches_index(at_ms: int) -> str:
    """The index of the month that a search was made in (UTC)."""
    return f"{SEARCHES}{_utc(at_ms):%Y.%m}"


def fates_index(at_ms: int) -> str:
    """The index of the day that a record was written to Kafka on (UTC)."""
    return f"{FATES}{_utc(at_ms):%Y.%m.%d}"


def outdated_fates(names: list[str], now_ms: int, days: int = FATES_KEPT_DAYS) -> list[str]:
    """Those of the indices that hold fates older than `days` alone; other names are left alone."""
    oldest = (_utc(now_ms) - timedelta(days=days)).date()
    return sorted(name for name in names if (day := _day(name)) is not None and day.date() < oldest)


def outdated_searches(names: list[str], before_ms: int) -> list[str]:
    """Those of the indices that hold nothing but searches of earlier times; other names are left alone."""
    first = f"{SEARCHES}{_utc(before_ms):%Y.%m}"
    return sorted(name for name in names if _MONTHLY.fullmatch(name) and name < first)


def _day(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, f"{FATES}%Y.%m.%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _utc(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


_KEYWORD: dict[str, Any] = {"type": "keyword", "ignore_above": 1024}
_FOLDED: dict[str, Any] = {**_KEYWORD, "normalizer": "lowercase"}
_STORED: dict[str, Any] = {"type": "keyword", "index": False, "doc_values": False}
_DATE: dict[str, Any] = {"type": "date", "format": "epoch_millis||strict_date_optional_time"}


def _text(offsets: bool) -> dict[str, Any]:
    return {**_analysed("std", offsets), "fields": _sub_fields(offsets)}


def _sub_fields(offsets: bool) -> dict[str, Any]:
    return {"en": _analysed("en", offsets), "ko": _analysed("ko", offsets), "cjk": _analysed("cjk")}


def _analysed(analyser: str, offsets: bool = False) -> dict[str, Any]:
    """A text field. Offsets in the postings of short fields spare the highlighter an analysis."""
    field = {"type": "text", "analyzer": analyser}
    return {**field, "index_options": "offsets"} if offsets else field


def _template(pattern: str, replicas: int, properties: dict[str, Any], visible_after: str) -> dict[str, Any]:
    """Each refresh makes a segment and, later, a merge: what nobody waits for becomes visible in larger pieces."""
    return {
        "index_patterns": [pattern],
        "priority": 200,
        "template": {
            "settings": {
                "index": {"number_of_shards": 1, "number_of_replicas": replicas, "refresh_interval": visible_after}
            },
            "mappings": {"dynamic": False, "properties": properties},
        },
    }


SEARCH: dict[str, Any] = {
    "keyword": _FOLDED,
    "locale": _KEYWORD,
    "created_at": _DATE,
    "hits": {"type": "long"},
    "took_ms": {"type": "integer"},
    "request_id": _KEYWORD,
    "meant": _KEYWORD,
    "person": _KEYWORD,
    "corrected": {"type": "boolean"},
    "filtered": {"type": "boolean"},
    "clicked": {"type": "boolean"},
    "position": {"type": "integer"},
}

FATE: dict[str, Any] = {
    "origin": _KEYWORD,
    "topic": _KEYWORD,
    "partition": {"type": "integer"},
    "offset": {"type": "long"},
    "url": {"type": "keyword", "ignore_above": 8191},
    "outcome": _KEYWORD,
    "reason": _KEYWORD,
    "name": _KEYWORD,  # outcome:reason
    "of": _STORED,
    "text_digest": _KEYWORD,  # of duplicates: they are found by it when nothing holds the text any more
    "stage": _KEYWORD,
    "error": {"type": "text", "index": False},
    "traceback": {"type": "text", "index": False},
    "attempts": {"type": "integer"},
    "revision": {"type": "integer"},
    "at": _DATE,
    "fetched_at": _DATE,
}
