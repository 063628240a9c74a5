"""Tasks about searches: the log, popular searches."""

from __future__ import annotations

from typing import Any

from celery import Task

from riverline.errors import Transient
from riverline.model import Search
from riverline.search.query import Query
from riverline.search.syntax import words
from riverline_tasks.app import app
from riverline_tasks.context import services

LONGEST_KEYWORD = 512
RECENT_SECONDS = 900  # clicks whose counts are looked after each minute
BATCH = 500
POPULAR_MS = 3_600_000
REFRESHED = 20  # popular queries that are kept warm,
LOOKED_AT = 60  # of so many that cost little or much
STILL_MS = 120_000  # without a search: then nobody is there to keep them warm for
NOTED_TRIES = 4  # after 1, 2, 4 and 8 seconds
AGAIN: dict[str, Any] = {  # while a server is away
    "autoretry_for": (Transient,),
    "retry_backoff": True,
    "retry_backoff_max": 60,
    "max_retries": 10,
}


@app.task(name="tasks.record_search", bind=True, **AGAIN)
def record_search(
    self: Task[..., Any],
    keyword: str,
    locale: str,
    created_at: int,
    hits: int,
    took_ms: int,
    request_id: str,
    meant: str = "",
    person: str = "",
    corrected: bool = False,
    filtered: bool = False,
) -> None:
    """Files one search; twice with the same request_id is once."""
    how = (meant, person, corrected, filtered)
    services().index.record_search(_search(keyword, locale, created_at, hits, took_ms, request_id, *how))


@app.task(
    name="tasks.record_searches",
    bind=True,
    autoretry_for=(Transient,),
    retry_backoff=True,
    retry_backoff_max=60,
    max_retries=10,
)
def record_searches(self: Task[..., Any], rows: list[tuple[Any, ...]]) -> None:
    """Files many, each with the arguments of `record_search`."""
    services().index.record_search(*(_search(*row) for row in rows))


def _search(keyword: str, *facts: Any) -> Search:
    return Search(" ".join(keyword.split())[:LONGEST_KEYWORD], *facts)


@app.task(name="tasks.count_click", bind=True, **AGAIN)
def count_click(self: Task[..., Any], visit: str, url: str, position: int) -> None:
    """Writes a click down, if that was not done yet, and shows the new count in the index."""
    clicks = services().clicks
    clicks.add(visit, url, position)
    services().index.count_clicks(clicks.of([url]))


@app.task(name="tasks.note_click", bind=True, **AGAIN)
def note_click(self: Task[..., Any], request_id: str, position: int) -> None:
    """Notes at a search that one of its results was opened. The search may be filed only now; of what was no first page
    nothing is."""
    if not services().index.note_click(request_id, position, services().now_ms()) and (
        self.request.retries < NOTED_TRIES
    ):
        raise Transient("the search is not recorded yet")


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
    """Asks again for what many search for, before what is kept of it grows old: for what costs little, since anybody
    can make a search popular. Returns for how many; for none while nobody searches."""
    now, search = services().now_ms(), services().search
    if not services().index.frequent(now - STILL_MS, "", 1):
        return 0
    frequent = services().index.frequent(now - POPULAR_MS, "", LOOKED_AT)
    cheap = [word for word, _ in frequent if words(word).is_cheap][:REFRESHED]
    for word in cheap:
        search.refresh(Query(word, limit=10).ordered(None))
    return len(cheap)
