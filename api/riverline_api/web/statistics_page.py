"""`/statistics`: what the index holds and, for administrators, what people search for, as charts with tables beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from riverline.search.contracts import FateQuery
from riverline.search.statistics import BY, DAY_MS, HOUR_MS, Span
from riverline_api.context import services
from riverline_api.http.datetimes import milliseconds, rfc3339
from riverline_api.resources.statistics import of_documents, of_queries, of_searches, table_of_queries
from riverline_api.web import charts, i18n
from riverline_api.web.charts import Chart
from riverline_api.web.layout import page
from riverline_api.web.session import require_admin, visitor

statistics_pages = Blueprint("statistics_pages", __name__)

DAYS = (1, 7, 30, 90)
USUAL = 30
MOST_QUERIES = 50
HOURLY = 2  # days up to which each hour is shown
Say = Callable[..., str]


@statistics_pages.get("/statistics")
def read() -> Response:
    """The numbers of the last days."""
    days, by = _days(), _by()
    say: Say = partial(i18n.translate, i18n.language())
    span = _span(days)
    documents = of_documents(span)
    admin = (there := visitor()) is not None and there.admin
    searches = of_searches(span) if admin else None
    return page(
        "statistics.html",
        days=days,
        by=by,
        choices=DAYS,
        kinds=list(BY),
        documents=documents,
        searches=searches,
        newest=milliseconds(documents["newest"]),
        of_documents=_of_documents(say, documents, by, span),
        queries=of_queries(span, MOST_QUERIES) if admin else [],
        of_searches=_of_searches(say, searches, span) if searches else [],
        changes=_changes(span, documents, searches),
        hourly=days <= HOURLY,
        since=rfc3339(span.since),
        until=rfc3339(span.until),
        interval="hour" if days <= HOURLY else "day",
    )


@statistics_pages.get("/statistics/queries.csv")
def queries() -> Response:
    """What the page shows of each query, as a table to keep."""
    require_admin()
    answer = table_of_queries(of_queries(_span(_days()), MOST_QUERIES))
    answer.headers["Content-Disposition"] = 'attachment; filename="queries.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _days() -> int:
    days = request.args.get("days", "")
    return int(days) if days in map(str, DAYS) else USUAL


def _by() -> str:
    by = request.args.get("by", "")
    return by if by in BY else next(iter(BY))


def _span(days: int) -> Span:
    """Whole intervals, up to now."""
    until, interval = services().now_ms(), HOUR_MS if days <= HOURLY else DAY_MS
    return Span((until - days * DAY_MS) // interval * interval, until, interval)


def _changes(span: Span, documents: Mapping[str, Any], searches: Mapping[str, Any] | None) -> dict[str, float]:
    """How much more or less there was than in the time before, as a share of that; nothing where that had none."""
    before = Span(2 * span.since - span.until, span.since, span.interval)
    totals = {"documents": (documents["total"], services().index.document_statistics(before).total)}
    if searches is not None:
        totals["searches"] = (searches["total"], services().index.search_statistics(before).total)
    return {name: now / then - 1 for name, (now, then) in totals.items() if then}


def _of_documents(say: Say, found: Mapping[str, Any], by: str, span: Span) -> list[tuple[str, Chart]]:
    name = partial(_named, say)
    moments = [
        (one["at"], {name(by, each["value"]): each["count"] for each in one["by"][by]}) for one in found["over_time"]
    ]
    order = _most([counts for _, counts in moments])
    count, fates = say("statistics.documents"), services().index.fates(FateQuery(limit=1)).counts
    over = charts.over_time("documents-over-time", _moments(moments, span), order, say("statistics.at"), count)
    values = {of: [(name(of, one["value"]), one["count"]) for one in found["by"][of]] for of in BY}
    ages = [(say(f"statistics.age_{one['value']}"), one["count"]) for one in found["ages"]]
    return [
        ("over_time", over),
        ("sites", charts.bars("documents-by-site", values["site"], say("search.site"), count)),
        ("locales", charts.bars("documents-by-locale", values["locale"], say("search.locale"), count)),
        ("types", charts.bars("documents-by-type", values["content_type"], say("search.content_type"), count)),
        ("freshness", charts.bars("freshness", ages, say("statistics.fetched"), count)),
        ("fates", charts.bars("fates", _outcomes(say, fates), say("statistics.fate"), say("statistics.records"))),
    ]


def _of_searches(say: Say, found: Mapping[str, Any], span: Span) -> list[tuple[str, Chart]]:
    both = {"searches": say("statistics.searches"), "clicks": say("statistics.clicks")}
    moments = [(one["at"], {title: one[name] for name, title in both.items()}) for one in found["over_time"]]
    word, count = say("statistics.word"), both["searches"]
    took = [(f"p{name}", round(value, 1)) for name, value in found["took_ms"].items()]
    at = say("statistics.at")
    return [
        ("searched", charts.over_time("searches-over-time", _moments(moments, span), list(both.values()), at, count)),
        ("latency", charts.bars("search-latency", took, say("statistics.percentile"), "ms")),
        ("top", charts.bars("top-searches", _pairs(found["top"]), word, count)),
        ("fruitless", charts.bars("fruitless-searches", _pairs(found["top_fruitless"]), word, count)),
    ]


def _named(say: Say, of: str, value: str) -> str:
    if of == "locale":
        return i18n.language_name(i18n.language(), value)
    return say(f"search.{value}") if of in ("source", "content_type") else value


def _moments(found: Iterable[tuple[str, Mapping[str, int]]], span: Span) -> list[tuple[int, str, Mapping[str, int]]]:
    """A moment for each interval of the span, also where nothing was: an axis spans what was asked for."""
    counted = {milliseconds(at): counts for at, counts in found}
    spoken, hourly = i18n.language(), span.interval < DAY_MS
    starts = range(span.since, span.until, span.interval)
    return [(at, charts.clock(at) if hourly else i18n.day(spoken, at), counted.get(at, {})) for at in starts]


def _most(found: Iterable[Mapping[str, int]]) -> list[str]:
    """The series, those with the most first."""
    total: dict[str, int] = {}
    for counts in found:
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    return sorted(total, key=lambda name: (-total[name], name))[:8]


def _outcomes(say: Say, counts: Mapping[str, int]) -> list[tuple[str, float]]:
    total: dict[str, int] = {}
    for name, count in counts.items():
        outcome = name.partition(":")[0]
        total[outcome] = total.get(outcome, 0) + count
    return [(say(f"fate.{outcome}"), total[outcome]) for outcome in sorted(total, key=lambda one: -total[one])]


def _pairs(counts: Iterable[Mapping[str, Any]]) -> list[tuple[str, float]]:
    return [(one["value"], one["count"]) for one in counts]
