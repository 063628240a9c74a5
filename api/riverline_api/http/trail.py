"""Who does what, for the audit log."""

from __future__ import annotations

from contextlib import suppress

from flask import g

from riverline.errors import Transient
from riverline_api.context import services

LONGEST_SUBJECT = 2000
NOBODY = "nobody"


def actor() -> str:
    """Who makes this request: a user, or else the token that belongs to none."""
    if user := g.get("acting_user"):
        return f"user {user}"
    shown = g.get("token")
    token = shown.id if shown is not None else g.get("acting_token")
    return f"token {token}" if token else NOBODY


def note(action: str, subject: str, reason: str = "", by: str = "") -> None:
    """Writes down what is about to be done. Raises Transient: then it must not be done."""
    services().audit_log.add(by or actor(), action, subject[:LONGEST_SUBJECT], reason)


def note_done(action: str, subject: str, by: str = "") -> None:
    """Writes down what was done, which stands without it too."""
    with suppress(Transient):
        note(action, subject, by=by)
