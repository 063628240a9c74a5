"""Statistics over what is held in memory: the twin of `adapters/elasticsearch/statistics.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from riverline.model import Document, Search
from riverline.search.statistics import (
    AGES,
    BY,
    MOST_SERIES,
    MOST_VALUES,
    OLDER,
    PERCENTILES,
    Counts,
    DocumentStatistics,
    QueryStatistics,
    SearchStatistics,
    Span,
)


def of_documents(documents: Iterable[Document], span: Span) -> DocumentStatistics:
    """As Elasticsearch counts them."""
    found = [one for one in documents if span.since <= one.crawled_at < span.until]
    times = [one.crawled_at for one in found]
    over = {
        at: _by([one for one in found if _start(one.crawled_at, span) == at], MOST_SERIES) for at in _over(times, span)
    }
    ages = Counter(_age(span.until - at) for at in times)
    return DocumentStatistics(
        len(found),
        _over(times, span),
        _by(found, MOST_VALUES),
        max(times, default=None),
        over,
        tuple((name, ages[name]) for name in (*AGES, OLDER)),
    )


def of_searches(searches: Iterable[Search], span: Span) -> SearchStatistics:
    """As Elasticsearch counts them, but for percentiles, which it estimates."""
    found = [one for one in searches if span.since <= one.created_at < span.until]
    nothing = [one.keyword.lower() for one in found if not one.hits]
    times = _over([one.created_at for one in found], span)
    top = _top([one.keyword.lower() for one in found])
    return SearchStatistics(len(found), len(nothing), times, top, _top(nothing), _took(found))


def of_queries(searches: Iterable[Search], clicked: Mapping[str, int], span: Span, limit: int) -> list[QueryStatistics]:
    """As Elasticsearch counts them. `clicked`: by request, the position of what was opened."""
    by: dict[str, list[Search]] = {}
    for one in searches:
        if span.since <= one.created_at < span.until and one.keyword:
            by.setdefault(one.keyword.lower(), []).append(one)
    ordered = sorted(by.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [_of_query(word, found, clicked) for word, found in ordered[:limit]]


def _of_query(word: str, found: Sequence[Search], clicked: Mapping[str, int]) -> QueryStatistics:
    places = [clicked[one.request_id] for one in found if one.request_id in clicked]
    return QueryStatistics(
        word,
        len(found),
        in_vain=sum(not one.hits and not one.filtered for one in found),
        clicked=len(places),
        unclicked=sum(one.hits > 0 and one.request_id not in clicked for one in found),
        corrected=sum(one.corrected for one in found),
        position=sum(places) / len(places) if places else None,
        took_ms=_took(found),
    )


def _took(found: Sequence[Search]) -> dict[int, float]:
    took = sorted(one.took_ms for one in found)
    return {at: float(took[min(len(took) - 1, len(took) * at // 100)]) for at in PERCENTILES if took}


def _over(times: Sequence[int], span: Span) -> dict[int, int]:
    return dict(Counter(_start(at, span) for at in times))


def _start(at: int, span: Span) -> int:
    return at // span.interval * span.interval


def _age(ms: int) -> str:
    return next((name for name, age in AGES.items() if ms <= age), OLDER)


def _by(documents: Sequence[Document], most: int) -> dict[str, Counts]:
    return {name: _top([getattr(one, of) for one in documents], most) for name, of in BY.items()}


def _top(values: Iterable[str], most: int = MOST_VALUES) -> Counts:
    counts = Counter(value for value in values if value)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most])
