"""`/api/v1/stats/index`, `/searches` and `/queries`: in JSON, or as a table in CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from riverline.errors import Invalid
from riverline.search.contracts import FateQuery
from riverline.search.statistics import DAY_MS, HOUR_MS, Counts, Span
from riverline_api.context import services
from riverline_api.http.datetimes import Time, rfc3339
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters

statistics = APIBlueprint(
    "statistics", __name__, url_prefix="/api/v1/stats", abp_tags=[Tag(name="stats", description="Statistics")]
)

DEFAULT_DAYS = 30
MOST_INTERVALS = 1000


class Interval(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


class Form(StrEnum):
    JSON = "json"
    CSV = "csv"


LENGTHS = {Interval.HOUR: HOUR_MS, Interval.DAY: DAY_MS, Interval.WEEK: 7 * DAY_MS}


class Period(Parameters):
    """Of which time."""

    since: Time = Field(None, alias="from", description="30 days before the end, if not given")
    until: Time = Field(None, alias="to", description="now, if not given")

    def bounds(self, now_ms: int) -> tuple[int, int]:
        """Its beginning and its end, in milliseconds since 1970."""
        until = now_ms if self.until is None else self.until
        since = until - DEFAULT_DAYS * DAY_MS if self.since is None else self.since
        return since, until


class StatsQuery(Period):
    """Of which time."""

    interval: Interval = Interval.DAY
    format: Form = Field(Form.JSON, description="csv: the numbers over time alone, as a table")

    def span(self, now_ms: int) -> Span:
        """Raises Invalid for a span that is empty or of too many intervals."""
        since, until = self.bounds(now_ms)
        length = LENGTHS[self.interval]
        if not 0 <= since < until or (until - since) / length > MOST_INTERVALS:
            raise Invalid(f"from must be before to, and at most {MOST_INTERVALS} intervals")
        return Span(since, until, length)


OR_TABLE = ConfigDict(  # flask_openapi3 reads what pydantic does not know
    openapi_extra={"content": {"text/csv": {"schema": {"type": "string"}}}}  # type: ignore[typeddict-unknown-key]
)


class Count(BaseModel):
    value: str
    count: int


class Moment(BaseModel):
    """Documents of one interval."""

    at: str
    documents: int
    by: dict[str, list[Count]] = Field(description="source, content_type, locale, site: the most frequent")


class IndexStats(BaseModel):
    """Of the documents that were fetched in that time."""

    model_config = OR_TABLE

    total: int
    newest: str | None = Field(description="when the last of them was fetched")
    duplicate_rate: float | None = Field(description="duplicates among the records of the last seven days")
    ages: list[Count] = Field(description="how long ago they were fetched: within an hour, day, week, month, or older")
    by: dict[str, list[Count]] = Field(description="source, content_type, locale, site")
    over_time: list[Moment]


class SearchMoment(BaseModel):
    """Searches of one interval."""

    at: str
    searches: int
    clicks: int


class SearchStats(BaseModel):
    """Of the searches that were made in that time."""

    model_config = OR_TABLE

    total: int
    fruitless: int = Field(description="that found nothing")
    clicks: int
    click_through: float | None = Field(description="clicks for each search")
    took_ms: dict[str, float] = Field(description="by percentile", examples=[{"50": 4.0, "99": 31.0}])
    top: list[Count]
    top_fruitless: list[Count]
    over_time: list[SearchMoment]


class QueriesQuery(Period):
    """Of which time, and how many."""

    limit: int = Field(50, ge=1, le=500)
    format: Form = Field(Form.JSON, description="csv: as a table")

    def span(self, now_ms: int) -> Span:
        """Raises Invalid for a span that is empty."""
        since, until = self.bounds(now_ms)
        if not 0 <= since < until:
            raise Invalid("from must be before to")
        return Span(since, until, DAY_MS)


class QueryItem(BaseModel):
    """The searches for one thing, however it was capitalised."""

    query: str
    searches: int
    in_vain: int = Field(description="that found nothing, though no filter was set")
    clicked: int = Field(description="searches of which a result on the first page was opened")
    unclicked: int = Field(description="that found something of which nothing was opened")
    corrected: int = Field(description="that were answered in another spelling")
    click_through: float = Field(description="clicked, as a share of the searches")
    position: float | None = Field(description="of what was opened, in the mean; from 1")
    p50_ms: float | None
    p99_ms: float | None


class QueriesAnswer(BaseModel):
    """The most frequent first."""

    model_config = OR_TABLE

    items: list[QueryItem]


@statistics.get("/index", responses={200: IndexStats, **described(422, 503)})
def index(query: StatsQuery) -> Response:
    """What the index holds."""
    found = of_documents(query.span(services().now_ms()))
    if query.format is Form.CSV:
        return _csv(("at", "documents"), found["over_time"])
    return jsonify(found)


@statistics.get("/searches", responses={200: SearchStats, **described(422, 503)})
def searches(query: StatsQuery) -> Response:
    """What people searched for."""
    found = of_searches(query.span(services().now_ms()))
    if query.format is Form.CSV:
        return _csv(("at", "searches", "clicks"), found["over_time"])
    return jsonify(found)


@statistics.get("/queries", responses={200: QueriesAnswer, **described(422, 503)})
def queries(query: QueriesQuery) -> Response:
    """How good the search is for what people search for most."""
    items = of_queries(query.span(services().now_ms()), query.limit)
    if query.format is Form.CSV:
        return table_of_queries(items)
    return jsonify(items=items)


def table_of_queries(items: list[dict[str, Any]]) -> Response:
    """The same in CSV."""
    return _csv(tuple(QueryItem.model_fields), items)


def of_queries(span: Span, limit: int) -> list[dict[str, Any]]:
    """QueryItems of a span. Raises Transient."""
    return [
        {
            "query": one.keyword,
            "searches": one.searches,
            "in_vain": one.in_vain,
            "clicked": one.clicked,
            "unclicked": one.unclicked,
            "corrected": one.corrected,
            "click_through": round(one.clicked / one.searches, 4),
            "position": None if one.position is None else round(one.position, 2),
            "p50_ms": one.took_ms.get(50),
            "p99_ms": one.took_ms.get(99),
        }
        for one in services().index.query_statistics(span, limit)
    ]


def of_documents(span: Span) -> dict[str, Any]:
    """IndexStats of a span. Raises Transient."""
    found = services().index.document_statistics(span)
    return {
        "total": found.total,
        "newest": rfc3339(found.newest),
        "duplicate_rate": _duplicates(services().index.fates(FateQuery(limit=1)).counts),
        "ages": _counted(found.ages),
        "by": {name: _counted(counts) for name, counts in found.by.items()},
        "over_time": [
            {
                "at": rfc3339(at),
                "documents": count,
                "by": {name: _counted(counts) for name, counts in found.over_time_by.get(at, {}).items()},
            }
            for at, count in sorted(found.over_time.items())
        ],
    }


def of_searches(span: Span) -> dict[str, Any]:
    """SearchStats of a span. Raises Transient."""
    found = services().index.search_statistics(span)
    clicks = services().clicks.counted(span.since, span.until, span.interval)
    clicked = sum(clicks.values())
    return {
        "total": found.total,
        "fruitless": found.fruitless,
        "clicks": clicked,
        "click_through": clicked / found.total if found.total else None,
        "took_ms": {str(name): value for name, value in found.took_ms.items()},
        "top": _counted(found.top),
        "top_fruitless": _counted(found.top_fruitless),
        "over_time": [
            {"at": rfc3339(at), "searches": found.over_time.get(at, 0), "clicks": clicks.get(at, 0)}
            for at in sorted(found.over_time.keys() | clicks.keys())
        ],
    }


def _counted(counts: Counts) -> list[dict[str, Any]]:
    return [{"value": value, "count": count} for value, count in counts]


def _duplicates(counts: Mapping[str, int]) -> float | None:
    total = sum(counts.values())
    duplicates = sum(count for name, count in counts.items() if name.partition(":")[0] == "duplicate")
    return duplicates / total if total else None


def _csv(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Response:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return Response(text.getvalue(), mimetype="text/csv")
