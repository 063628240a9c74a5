"""Tasks about searches that people made."""

from __future__ import annotations

from celery import Task

from riverline.errors import Transient
from riverline.model import Search
from tasks.app import app
from tasks.context import services

LONGEST_KEYWORD = 512


@app.task(
    name="tasks.record_search",
    bind=True,
    autoretry_for=(Transient,),
    retry_backoff=True,
    retry_backoff_max=60,
    max_retries=10,
)
def record_search(
    self: Task, keyword: str, locale: str, created_at: int, hits: int, took_ms: int, request_id: str
) -> None:
    """Files one search; twice with the same request_id is once."""
    folded = " ".join(keyword.split())[:LONGEST_KEYWORD]
    services().index.record_search(Search(folded, locale, created_at, hits, took_ms, request_id))
