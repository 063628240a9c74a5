"""Accounts: `/login` by token, `/logout`, `/join`."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from pydantic import ValidationError

from riverline.accounts.tokens import Refused
from riverline.errors import Conflict
from riverline_api.dependencies import writer
from riverline_api.resources.users import NewUser, first_token
from riverline_api.web.layout import local, page
from riverline_api.web.session import enter, leave, newcomers_token, recognised, visitor, welcome

account = Blueprint("account", __name__)


@account.get("/login")
def asked() -> Response:
    """Asks for the token."""
    return page("login.html", back=local(request.args.get("back", ""), "/feed"), wrong="")


@account.post("/login")
def login() -> Response:
    """Lets the browser keep a token that opens something."""
    secret, back = request.form.get("token", "").strip(), local(request.form.get("back", ""), "/feed")
    try:
        recognised(secret)
    except Refused as refusal:
        wrong = {"the token was revoked": "revoked", "the token has expired": "expired"}.get(str(refusal), "unknown")
        return page("login.html", 422, back=back, wrong=f"account.{wrong}")
    answer = _to(back)
    enter(answer, secret)
    return answer


@account.post("/logout")
def logout() -> Response:
    """Lets the browser forget the token, which goes on to be valid."""
    answer = _to("/")
    leave(answer)
    return answer


@account.get("/join")
def joining() -> Response:
    """Asks for a name and an e-mail address."""
    return page("join.html", given={}, wrong={})


@account.post("/join")
def join() -> Response:
    """Makes an account, lets the browser keep its token, and shows it."""
    given = {name: request.form.get(name, "").strip() for name in ("name", "email")}
    try:
        wanted = NewUser.model_validate(given)
        user = writer().create_user(wanted.email, wanted.name)
    except ValidationError as error:
        wrong = {str(one["loc"][0]): f"account.wrong_{one['loc'][0]}" for one in error.errors()}
        return page("join.html", 422, given=given, wrong=wrong)
    except Conflict:
        return page("join.html", 409, given=given, wrong={"email": "account.taken"})
    secret = first_token(user)
    if visitor() is not None:  # who is somebody already stays so, and the token is on this page alone
        answer = page("joined.html", 201, secret=secret, name=user.name)
        answer.headers["Cache-Control"] = "no-store"
        return answer
    answer = _to("/joined")
    enter(answer, secret)
    welcome(answer)
    return answer


@account.get("/joined")
def joined() -> Response:
    """Shows a new account's token, for some minutes: a page that is loaded again must not lose it."""
    there, secret = visitor(), newcomers_token()
    if there is None or not secret:
        return _to("/feed")
    answer = page("joined.html", secret=secret, name=there.name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _to(address: str) -> Response:
    return redirect(address, 303)  # type: ignore[return-value]
