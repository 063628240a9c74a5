"""`/removals`, for administrators: taking down posts, people, documents and sites; `/audit-log`: who did what."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from pydantic import ValidationError

from riverline.errors import Invalid, NotFound
from riverline.feed import cursor
from riverline_api.context import services
from riverline_api.http.signing import signer
from riverline_api.resources.removals import NewRemoval, let_in, take_down
from riverline_api.web.layout import page
from riverline_api.web.session import require_admin

removals_pages = Blueprint("removals_pages", __name__)

KINDS = ("post", "user", "document", "site")
NOTES = ("removed", "lifted")
LENGTH = 50


@removals_pages.get("/removals")
def shown() -> Response:
    """What stays out of the index, and a form to take something down."""
    require_admin()
    given = {name: request.args.get(name, "") for name in ("kind", "subject")}
    return _page(given)


def _page(given: dict[str, str], wrong: str = "", status: int = 200) -> Response:
    note = request.args.get("note", "")
    values = {"given": given, "wrong": wrong, "note": note if note in NOTES else "", "kinds": KINDS}
    return page("removals.html", status, **values, held=services().take_downs.all())


@removals_pages.post("/removals")
def remove() -> Response:
    """Takes something down, with a reason."""
    require_admin()
    given = {name: request.form.get(name, "") for name in ("kind", "subject", "reason")}
    try:
        take_down(NewRemoval.model_validate(given))
    except ValidationError:
        return _page(given, "removals.wrong", 422)
    except NotFound:
        return _page(given, "removals.absent", 404)
    except Invalid:
        return _page(given, "removals.own", 422)
    return _to("removed")


@removals_pages.post("/removals/<int:removal_id>/lift")
def lift(removal_id: int) -> Response:
    """Lets it in again."""
    require_admin()
    let_in(removal_id)
    return _to("lifted")


@removals_pages.get("/audit-log")
def trail() -> Response:
    """Who did what, the newest first."""
    require_admin()
    action = request.args.get("action", "").strip()[:64]
    of = f"audit:{action}"
    try:
        before = cursor.decoded(signer().opened(request.args.get("cursor", "")), of)
    except Invalid:
        before = 0
    found = services().audit_log.newest(before, LENGTH + 1, action)
    following = ""
    if len(found) > LENGTH:
        query = {"action": action, "cursor": signer().signed(cursor.encoded(found[LENGTH - 1].id, of))}
        following = f"/audit-log?{urlencode({name: value for name, value in query.items() if value})}"
    return page("audit_log.html", entries=found[:LENGTH], action=action, next=following)


def _to(note: str) -> Response:
    return redirect(f"/removals?note={note}", 303)  # type: ignore[return-value]
