"""Coming and going: `/login` by token, `/logout`, `/join`."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, request
from pydantic import ValidationError

from api.feed import writer
from api.users import NewUser, first_token
from api.web.layout import local, page
from api.web.visitor import Visitor, enter, leave, recognised, visitor
from riverline.access.tokens import Refused
from riverline.errors import Conflict

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
    """Makes an account, shows its token this once, and lets the browser keep it."""
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
    stranger = visitor() is None
    if stranger:
        g.visitor = Visitor(user.id, user.name, admin=False)
    answer = page("joined.html", 201, secret=secret, name=user.name)
    answer.headers["Cache-Control"] = "no-store"
    if stranger:
        enter(answer, secret)
    return answer


def _to(address: str) -> Response:
    return redirect(address, 303)  # type: ignore[return-value]
