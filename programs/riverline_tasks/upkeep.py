"""Periodic tasks that keep the indices in bounds."""

from __future__ import annotations

from celery.utils.log import get_task_logger

from riverline.errors import Transient
from riverline_tasks.app import app
from riverline_tasks.context import services

log = get_task_logger(__name__)
DAY_MS = 86_400_000


@app.task(name="tasks.drop_outdated_fates", autoretry_for=(Transient,), retry_backoff=True, max_retries=5)
def drop_outdated_fates() -> list[str]:
    """Drops the indices of fates older than a week."""
    dropped = services().index.drop_outdated_fates(services().now_ms())
    if dropped:
        log.info("dropped %s", ", ".join(dropped))
    return dropped


@app.task(name="tasks.keep_down", expires=60)
def keep_down() -> int:
    """Removes what was taken down and has come back since. Returns how many documents that were."""
    removed = services().take_down_office.keep_down()
    if removed:
        log.info("removed %s documents that were taken down", removed)
    return removed


@app.task(name="tasks.forget_searches", autoretry_for=(Transient,), retry_backoff=True, max_retries=5)
def forget_searches() -> None:
    """Removes searches that are older than they are kept."""
    services().index.forget_searches(services().now_ms() - services().settings.search.log_days * DAY_MS)
