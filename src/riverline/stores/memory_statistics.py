"""Statistics over what is held in memory: the twin of `stores/elastic/statistics.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from riverline.model import Document, Search
from riverline.search.statistics import BY, MOST_VALUES, PERCENTILES, Counts, DocumentStatistics, SearchStatistics, Span


def of_documents(documents: Iterable[Document], span: Span) -> DocumentStatistics:
    """As Elasticsearch counts them."""
    found = [one for one in documents if span.since <= one.crawled_at < span.until]
    times = [one.crawled_at for one in found]
    by = {name: _top([getattr(one, of) for one in found]) for name, of in BY.items()}
    return DocumentStatistics(len(found), _over(times, span), by, max(times, default=None))


def of_searches(searches: Iterable[Search], span: Span) -> SearchStatistics:
    """As Elasticsearch counts them, but for percentiles, which it estimates."""
    found = [one for one in searches if span.since <= one.created_at < span.until]
    nothing = [one.keyword.lower() for one in found if not one.hits]
    took = sorted(one.took_ms for one in found)
    percentiles = {at: float(took[min(len(took) - 1, len(took) * at // 100)]) for at in PERCENTILES if took}
    times = _over([one.created_at for one in found], span)
    top = _top([one.keyword.lower() for one in found])
    return SearchStatistics(len(found), len(nothing), times, top, _top(nothing), percentiles)


def _over(times: Sequence[int], span: Span) -> dict[int, int]:
    return dict(Counter(at // span.interval * span.interval for at in times))


def _top(values: Iterable[str]) -> Counts:
    counts = Counter(value for value in values if value)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES])
