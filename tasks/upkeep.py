"""Periodic tasks that keep the indices in bounds."""

from __future__ import annotations

from celery.utils.log import get_task_logger

from riverline.errors import Transient
from tasks.app import app
from tasks.context import services

log = get_task_logger(__name__)


@app.task(name="tasks.drop_outdated_fates", autoretry_for=(Transient,), retry_backoff=True, max_retries=5)
def drop_outdated_fates() -> list[str]:
    """Drops the indices of fates older than a week."""
    dropped = services().index.drop_outdated_fates(services().now_ms())
    if dropped:
        log.info("dropped %s", ", ".join(dropped))
    return dropped
