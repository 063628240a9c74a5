"""Coming in by a mailed link, for the pages and the API: asking for one, and opening it."""

from __future__ import annotations

from hashlib import sha256

from flask import request

from riverline.accounts.letters import CHANGED
from riverline.accounts.links import CHANGE, JOIN
from riverline.accounts.tokens import LONGEST, digest_of
from riverline.errors import NotFound
from riverline.model import User
from riverline_api.context import send, services
from riverline_api.dependencies import feed, writer
from riverline_api.http.access import address_of
from riverline_api.http.hourly_limits import bound, in_this_hour
from riverline_api.http.trail import note, note_done
from riverline_api.web import i18n

LINKS_PER_EMAIL = 5  # an hour: beyond, none is mailed, and the answer is the same
GONE = "the link is unknown, was used, or has ended"


def ask_for_link(purpose: str, email: str, language: str, name: str = "", user_id: int | None = None) -> None:
    """Has a link mailed, by a worker: what it takes to find out whether the address is known, nobody can measure here.
    Ends the request with 429 where its sender has asked for too many."""
    bound_sign_ups()
    digest = sha256(email.lower().encode("utf-8", "surrogatepass")).hexdigest()[:32]
    if in_this_hour(f"RATE_LINKS_{digest}") <= LINKS_PER_EMAIL:
        send()("tasks.mail_link", purpose, email, language, name, user_id)


def bound_sign_ups() -> None:
    """Ends the request with 429 where accounts and links were asked for too often from one address."""
    limit = services().settings.accounts.per_hour
    bound(f"RATE_SIGN_UPS_{address_of(request.environ)}", limit, "accounts or login links")


def open_link(secret: str) -> tuple[str, User]:
    """Does what a link is for, once. Returns its purpose, and who it lets in. Raises NotFound for a link that opens
    nothing, and Conflict where its address was taken meanwhile."""
    if len(secret) > LONGEST:
        raise NotFound(GONE)
    link = services().links.use(digest_of(secret), services().now_ms())
    if link.purpose == JOIN:
        joined = writer().create_user(link.email, link.name)
        note_done("join", f"user {joined.id}", by=f"user {joined.id}")
        return JOIN, joined
    user = feed().repository.user(link.user_id or 0, fresh=True)
    if link.purpose == CHANGE:
        note("email", f"user {user.id}", by=f"user {user.id}")
        changed = feed().repository.change_email(user.id, link.email)
        send()("tasks.mail_link", CHANGED, user.email, i18n.language(), "", user.id)
        return CHANGE, changed
    if user.email.lower() != link.email.lower():  # it was mailed to an address that the user has given up
        raise NotFound(GONE)
    note_done("login.link", f"user {user.id}", by=f"user {user.id}")
    return link.purpose, user
