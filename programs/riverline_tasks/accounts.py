"""Tasks about accounts: mailing login links, forgetting what opens nothing any more."""

from __future__ import annotations

from celery.utils.log import get_task_logger

from riverline.accounts.links import LinkWish
from riverline.errors import Invalid, Transient
from riverline_tasks.app import app
from riverline_tasks.context import services

DAY_MS = 86_400_000

log = get_task_logger(__name__)


@app.task(name="tasks.mail_link", autoretry_for=(Transient,), retry_backoff=True, max_retries=5)
def mail_link(purpose: str, email: str, language: str, name: str = "", user_id: int | None = None) -> None:
    """Mails what answers somebody who wants to log in, to join, or to change the address."""
    try:
        services().link_office.answer(LinkWish(purpose, email, language, name, user_id))
    except Invalid as error:
        log.warning("no login link was sent: %s", error)


@app.task(name="tasks.forget_logins", autoretry_for=(Transient,), retry_backoff=True, max_retries=5)
def forget_logins() -> int:
    """Forgets links and sessions that are over, and old entries of the audit log."""
    now, kept_ms = services().now_ms(), services().settings.accounts.audit_days * DAY_MS
    over = services().links.forget(now) + services().sessions.forget(now)
    return over + services().audit_log.forget(now - kept_ms)
