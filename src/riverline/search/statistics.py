"""Statistics of documents and of searches: requests and answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

BY = {"source": "source", "content_type": "content_type", "locale": "locale", "site": "site"}
MOST_VALUES = 20
MOST_SERIES = 8  # values that are counted for each interval
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
PERCENTILES = (50, 90, 99)
# How long ago documents were fetched, by the end of a span: younger than that, and not than the one before.
AGES = {"hour": HOUR_MS, "day": DAY_MS, "week": 7 * DAY_MS, "month": 30 * DAY_MS}
OLDER = "older"

Counts = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` up to, without, `until`, in intervals of so many ms that begin at multiples of it."""

    since: int
    until: int
    interval: int


@dataclass(frozen=True, slots=True)
class DocumentStatistics:
    """Of the documents that were fetched in a span."""

    total: int
    over_time: Mapping[int, int]  # the start of an interval: documents
    by: Mapping[str, Counts]
    newest: int | None = None  # when the last one was fetched
    over_time_by: Mapping[int, Mapping[str, Counts]] = field(default_factory=dict)
    ages: Counts = ()  # by AGES, then OLDER


@dataclass(frozen=True, slots=True)
class SearchStatistics:
    """Of the searches that were made in a span."""

    total: int
    fruitless: int  # that found nothing
    over_time: Mapping[int, int]
    top: Counts
    top_fruitless: Counts
    took_ms: Mapping[int, float] = field(default_factory=dict)  # by percentile


@dataclass(frozen=True, slots=True)
class QueryStatistics:
    """Of the searches for one thing in a span, however it was capitalised."""

    keyword: str
    searches: int
    in_vain: int  # that found nothing, though no filter was set
    clicked: int  # with a result that was opened
    unclicked: int  # that found something of which nothing was opened
    corrected: int  # for another spelling
    position: float | None  # of what was opened, in the mean; from 1
    took_ms: Mapping[int, float] = field(default_factory=dict)  # by percentile
