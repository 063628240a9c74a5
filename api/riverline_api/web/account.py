"""Accounts: `/login` by a mailed link or a token, `/logout`, `/join`, and the outgoing mail of a site without a mail
server."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, request
from pydantic import ValidationError

from riverline.accounts.links import CHANGE, JOIN, LOGIN, VALID_MINUTES
from riverline.accounts.tokens import LONGEST, Refused, digest_of
from riverline.errors import Conflict, NotFound
from riverline_api.context import services
from riverline_api.dependencies import feed, writer
from riverline_api.entrance import ask_for_link, bound_sign_ups, open_link
from riverline_api.http.trail import note_done
from riverline_api.resources.own_account import LinkQuestion
from riverline_api.resources.users import NewUser, first_token
from riverline_api.web import i18n
from riverline_api.web.layout import is_admin, local, page
from riverline_api.web.session import (
    end_session,
    enter,
    leave,
    newcomers_token,
    recognised,
    visitor,
    welcome,
)

account = Blueprint("account", __name__)

WRONG = {
    "the token was revoked": "revoked",
    "the token has expired": "expired",
    "the token may only read": "may_only_read",
}


@account.get("/login")
def asked() -> Response:
    """Asks for the e-mail address, or for a token."""
    return _login(local(request.args.get("back", ""), "/feed"))


@account.post("/login")
def login() -> Response:
    """Has a link mailed; or lets somebody in with a token that opens something."""
    if "email" in request.form:
        return _by_mail(request.form["email"].strip())
    secret, back = request.form.get("token", "").strip(), local(request.form.get("back", ""), "/feed")
    try:
        token = recognised(secret)
    except Refused as refusal:
        wrong = WRONG.get(str(refusal), "unknown")
        return _login(back, 422, token=f"account.{wrong}")
    answer = _to(back)
    enter(answer, token.user_id, token.id)
    note_done("login.token", f"token {token.id}", by=f"token {token.id}")
    return answer


def _login(back: str, status: int = 200, email: str = "", **wrong: str) -> Response:
    return page("login.html", status, back=back, email=email, wrong=wrong)


def _by_mail(email: str) -> Response:
    try:
        asked = LinkQuestion.model_validate({"email": email})
    except ValidationError:
        return _login("/feed", 422, email, email_wrong="account.wrong_email")
    ask_for_link(LOGIN, asked.email, i18n.language())
    return sent(asked.email)


def sent(email: str) -> Response:
    """Says that a mail is on its way, whether the address is known or not; and where it is if no server sends it."""
    kept = not services().settings.accounts.smtp
    return page("link_sent.html", email=email, minutes=VALID_MINUTES, kept=kept, shown=kept and _shows_mail())


@account.get("/login/<secret>")
def link(secret: str) -> Response:
    """Asks whether to do what the link is for: programs that read mail open its links, and must not use them up."""
    try:
        if len(secret) > LONGEST:
            raise NotFound("")
        found = services().links.find(digest_of(secret), services().now_ms())
        name = found.name if found.user_id is None else feed().repository.user(found.user_id).name
    except NotFound:
        return _gone()
    answer = page("link.html", purpose=found.purpose, name=name, email=found.email, secret=secret)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@account.post("/login/<secret>")
def follow_link(secret: str) -> Response:
    """Does it, once, and lets the browser in."""
    try:
        purpose, user = open_link(secret)
    except NotFound:
        return _gone()
    except Conflict:
        return page("link_gone.html", 409, taken=True)
    answer = _to("/feed" if purpose in (LOGIN, JOIN) else "/account")
    if purpose != CHANGE or visitor() is None:
        enter(answer, user.id)
    return answer


def _gone() -> Response:
    return page("link_gone.html", 404, taken=False)


@account.post("/logout")
def logout() -> Response:
    """Ends the session. A token that it came from goes on to be valid."""
    end_session()
    answer = _to("/")
    leave(answer)
    return answer


@account.get("/join")
def joining() -> Response:
    """Asks for a name and an e-mail address."""
    return page("join.html", given={}, wrong={})


@account.post("/join")
def join() -> Response:
    """Has a link mailed that makes an account; or makes it at once, lets the browser in, and shows its token."""
    given = {name: request.form.get(name, "").strip() for name in ("name", "email")}
    try:
        wanted = NewUser.model_validate(given)
    except ValidationError as error:
        wrong = {str(one["loc"][0]): f"account.wrong_{one['loc'][0]}" for one in error.errors()}
        return page("join.html", 422, given=given, wrong=wrong)
    if not services().settings.accounts.made_at_once:
        ask_for_link(JOIN, wanted.email, i18n.language(), wanted.name)
        return sent(wanted.email)
    bound_sign_ups()
    try:
        user = writer().create_user(wanted.email, wanted.name)
    except Conflict:
        return page("join.html", 409, given=given, wrong={"email": "account.taken"})
    secret = first_token(user)
    note_done("join", f"user {user.id}", by=f"user {user.id}")
    if visitor() is not None:  # who is somebody already stays so, and the token is on this page alone
        return _joined(201, secret, user.name)
    answer = _to("/joined")
    enter(answer, user.id)
    welcome(answer, secret)
    return answer


@account.get("/joined")
def joined() -> Response:
    """Shows a new account's token, for some minutes: a page that is loaded again must not lose it."""
    there, secret = visitor(), newcomers_token()
    if there is None or not secret:
        return _to("/feed")
    return _joined(200, secret, there.name)


def _joined(status: int, secret: str, name: str) -> Response:
    answer = page("joined.html", status, secret=secret, name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@account.get("/outgoing-mail")
def outgoing_mail() -> Response:
    """The mail of a site that has no mail server. Who reads it can log in as anyone: administrators, and everybody
    only where a setting says so."""
    if services().settings.accounts.smtp:
        abort(404)
    if not _shows_mail():
        abort(403 if visitor() else 401)
    answer = page("outgoing_mail.html", mails=services().kept_mail.newest(), open=not is_admin())
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _shows_mail() -> bool:
    return is_admin() or services().settings.accounts.show_mail


def _to(address: str) -> Response:
    return redirect(address, 303)  # type: ignore[return-value]
