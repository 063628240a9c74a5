"""`/account`: one's own address, tokens, sessions, a copy of everything, and the end of the account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, request
from pydantic import ValidationError

from riverline.accounts.contracts import Token
from riverline.accounts.links import CHANGE
from riverline.errors import Conflict, NotFound
from riverline_api.context import services
from riverline_api.dependencies import feed, writer
from riverline_api.entrance import ask_for_link
from riverline_api.http.trail import note
from riverline_api.resources.own_account import (
    MOST_TOKENS,
    NewEmail,
    NewOwnToken,
    end_sessions,
    exported,
    made_token,
    revoke_own,
)
from riverline_api.web import i18n
from riverline_api.web.account import sent
from riverline_api.web.layout import page
from riverline_api.web.session import leave, user_id, visitor

account_pages = Blueprint("account_pages", __name__)

DAYS = {"30": 30, "90": 90, "365": 365, "": None}  # of a token, as the form offers them


@account_pages.get("/account")
def shown() -> Response:
    """What belongs to the account."""
    return _page()


def _page(status: int = 200, secret: str = "", **wrong: str) -> Response:
    me = _me()
    user, now = feed().repository.user(me, fresh=True), services().now_ms()
    mine = [_row(one, now) for one in services().tokens.all(me) if not one.refusal(now)]
    values = {"user": user, "tokens": mine, "secret": secret, "most": MOST_TOKENS, "wrong": wrong}
    answer = page("account.html", status, **values, days=list(DAYS), email=request.form.get("email", ""))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _row(token: Token, now_ms: int) -> dict[str, Any]:
    ends = "" if token.expires_at is None else i18n.until(i18n.language(), token.expires_at, now_ms)
    return {"id": token.id, "name": token.name, "only_reads": bool(token.scopes), "at": token.created_at, "ends": ends}


@account_pages.post("/account/tokens")
def make_token() -> Response:
    """Makes a token and shows it, this once."""
    me = _me()
    scopes = ["read"] if request.form.get("only_reads") else []
    days = DAYS.get(request.form.get("days", "90"), 90)
    try:
        wanted = NewOwnToken.model_validate({"name": request.form.get("name", ""), "scopes": scopes, "days": days})
        secret, _ = made_token(me, wanted)
    except ValidationError:
        return _page(422, name="account.wrong_label")
    except Conflict:
        return _page(409, name="account.too_many_tokens")
    return _page(201, secret)


@account_pages.post("/account/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> Response:
    """Revokes one of one's own."""
    me = _me()
    try:
        revoke_own(me, token_id)
    except NotFound:
        abort(404)
    return _to("/account")


@account_pages.post("/account/email")
def change_email() -> Response:
    """Mails a link to the new address."""
    me = _me()
    try:
        wanted = NewEmail.model_validate({"email": request.form.get("email", "").strip()})
    except ValidationError:
        return _page(422, email_wrong="account.wrong_email")
    ask_for_link(CHANGE, wanted.email, i18n.language(), user_id=me)
    return sent(wanted.email)


@account_pages.post("/account/log-out-everywhere")
def log_out_everywhere() -> Response:
    """Ends all sessions of the user, this one too."""
    end_sessions(_me())
    return _left()


@account_pages.get("/account/export")
def export() -> Response:
    """A copy of everything, as a file."""
    answer = exported(_me())
    answer.headers["Content-Disposition"] = 'attachment; filename="riverline.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@account_pages.post("/account/delete")
def delete() -> Response:
    """Deletes the account with all that belongs to it."""
    me = _me()
    note("account.delete", f"user {me}")
    writer().delete_user(me)
    return _left()


def _left() -> Response:
    answer = _to("/")
    leave(answer)
    return answer


def _me() -> int:
    me = user_id()
    if me is None:
        abort(403 if visitor() else 401)
    return me


def _to(address: str) -> Response:
    return redirect(address, 303)  # type: ignore[return-value]
