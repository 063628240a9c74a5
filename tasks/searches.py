"""Tasks about searches that people made."""

from __future__ import annotations

from typing import Any

from celery import Task

from riverline.errors import Transient
from riverline.model import Search
from riverline.search.query import Query
from tasks.app import app
from tasks.context import services

LONGEST_KEYWORD = 512
RECENT_SECONDS = 900  # clicks whose counts are looked after each minute
BATCH = 500
POPULAR_MS = 3_600_000
REFRESHED = 20  # popular queries that are kept warm
AGAIN: dict[str, Any] = {  # while a server is away
    "autoretry_for": (Transient,),
    "retry_backoff": True,
    "retry_backoff_max": 60,
    "max_retries": 10,
}


@app.task(name="tasks.record_search", bind=True, **AGAIN)
def record_search(
    self: Task, keyword: str, locale: str, created_at: int, hits: int, took_ms: int, request_id: str
) -> None:
    """Files one search; twice with the same request_id is once."""
    services().index.record_search(_search(keyword, locale, created_at, hits, took_ms, request_id))


@app.task(
    name="tasks.record_searches",
    bind=True,
    autoretry_for=(Transient,),
    retry_backoff=True,
    retry_backoff_max=60,
    max_retries=10,
)
def record_searches(self: Task, rows: list[tuple[str, str, int, int, int, str]]) -> None:
    """Files many, each with the arguments of `record_search`."""
    services().index.record_search(*(_search(*row) for row in rows))


def _search(keyword: str, locale: str, created_at: int, hits: int, took_ms: int, request_id: str) -> Search:
    return Search(" ".join(keyword.split())[:LONGEST_KEYWORD], locale, created_at, hits, took_ms, request_id)


@app.task(name="tasks.count_click", bind=True, **AGAIN)
def count_click(self: Task, request_id: str, url: str, position: int) -> None:
    """Writes a click down, if that was not done yet, and shows the new count in the index."""
    clicks = services().clicks
    clicks.add(request_id, url, position)
    services().index.count_clicks(clicks.of([url]))


@app.task(name="tasks.repair_clicks", expires=60)
def repair_clicks(within_seconds: int | None = RECENT_SECONDS) -> int:
    """Brings counts that the index missed up to what was clicked. Returns how many addresses were compared."""
    compared, after = 0, ""
    while totals := services().clicks.totals(after, BATCH, within_seconds):
        services().index.count_clicks(totals)
        compared, after = compared + len(totals), list(totals)[-1]
    return compared


@app.task(name="tasks.refresh_popular", expires=8)
def refresh_popular() -> int:
    """Asks again for what many search for, before what is kept of it grows old. Returns for how many."""
    now, found = services().now_ms(), services().results
    words = services().index.popular(now - POPULAR_MS, "", REFRESHED)
    for word, _ in words:
        found.refresh(Query(word, limit=10).ordered(None))
    return len(words)
